"""What came of publishing, as ``aegis publish`` and ``aegis run`` print it."""

from typing import TYPE_CHECKING

from aegismatrix_engine.cli.github_job import hand_on
from aegismatrix_engine.cli.streams import print_output, print_warnings

if TYPE_CHECKING:
    from aegismatrix_engine.publishing.publish import Published
    from aegismatrix_engine.publishing.site_branch import SitePublished


def print_published(done: "Published", *, quiet: bool) -> None:
    """Print what came of publishing, and hand the commit of a new document on."""
    print_warnings(*done.replaced)
    if not quiet:
        print_output(f"{_summary(done)}\n")
    if done.document and done.commit is not None:
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
    why = "was withdrawn and stays until one of a later moment" if done.withdrawn else "is newer than ours and stays"
    stays = "" if done.ours else f"; the document published there {why}"
    stays += f"; the model set published there stays: {done.set_kept}" if done.set_kept else ""
    if done.commit is None and done.set_kept:
        return f"nothing published to {done.destination}{stays}"
    if done.commit is None:
        return f"nothing to publish: {done.destination} has it all{stays}"
    parts = [f"document as of {done.as_of}"] if done.document else []
    parts += [f"{done.rows} new row{'s' if done.rows != 1 else ''}"] if done.rows else []
    parts += ["models"] if done.models else []
    return f"published to {done.destination} in {done.commit[:10]}: {', '.join(parts) or 'other files'}{stays}"
