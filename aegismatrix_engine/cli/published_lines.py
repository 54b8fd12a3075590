"""What came of publishing, as ``aegis publish`` and ``aegis run`` print it."""

from typing import TYPE_CHECKING

from aegismatrix_engine.cli.github_job import hand_on
from aegismatrix_engine.cli.streams import print_output, print_warnings

if TYPE_CHECKING:
    from aegismatrix_engine.publishing.merge import Merge
    from aegismatrix_engine.publishing.publish import Published
    from aegismatrix_engine.publishing.site_branch import SitePublished


def print_published(done: "Published", *, quiet: bool) -> None:
    """Print what came of publishing, and hand the commit of a new document on."""
    print_warnings(*done.replaced)
    for market, merge in done.others.items():
        print_warnings(*(f"{market}: {clause}" for clause in merge.replaced))
    for market, fault in done.faults.items():
        print_warnings(f"{market or 'the first market'}: nothing of it was published: {fault}")
    if not quiet:
        print_output(f"{_summary(done)}\n")
    if (done.document or any(merge.document for merge in done.others.values())) and done.commit is not None:
        hand_on("commit", done.commit)


def site_line(done: "SitePublished") -> str:
    """What came of publishing the page, in one line."""
    if done.newer:
        return f"the page on {done.destination} stays: its document goes before ours"
    if done.commit is None:
        return f"the page on {done.destination} is the same already"
    return f"published the page to {done.destination} in {done.commit[:10]}"


def _summary(done: "Published") -> str:
    """What was committed where, in one line."""
    first = "" if not done.others and not done.faults else "the first market"
    stays = "; ".join(
        filter(None, (_stays(done, first), *(_stays(merge, market) for market, merge in done.others.items())))
    )
    stays = f"; {stays}" if stays else ""
    if done.commit is None and any(merge.set_kept for merge in (done, *done.others.values())):
        return f"nothing published to {done.destination}{stays}"
    if done.commit is None:
        return f"nothing to publish: {done.destination} has it all{stays}"
    parts = [f"document as of {done.as_of}"] if done.document else []
    parts += [f"{market} as of {merge.as_of}" for market, merge in done.others.items() if merge.document]
    parts += [f"{done.rows} new row{'s' if done.rows != 1 else ''}"] if done.rows else []
    parts += ["models"] if done.models or any(merge.models for merge in done.others.values()) else []
    return f"published to {done.destination} in {done.commit[:10]}: {', '.join(parts) or 'other files'}{stays}"


def _stays(merge: "Merge", market: str) -> str:
    """What is published and was not replaced by ours; a market of which there is nothing of ours has its warning."""
    if not merge.as_of:
        return ""
    of = market and f" of {market}"
    why = "was withdrawn and stays until one of a later moment" if merge.withdrawn else "is newer than ours and stays"
    document = "" if merge.ours else f"the document{of} published there {why}"
    models = f"the model set{of} published there stays: {merge.set_kept}" if merge.set_kept else ""
    return "; ".join(filter(None, (document, models)))
