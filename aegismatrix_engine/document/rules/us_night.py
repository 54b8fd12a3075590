"""What the document says of the US night: the series that were used, each of them read."""

from aegismatrix_engine.document.rules.violation import Violation, Violations, related
from aegismatrix_engine.document.schema.document import Document

USED_SINCE = (2, 2, 0)
"""The version since which a document names the series."""


def us_night_violations(document: Document) -> Violations:
    """A series that was used is named once and is an input, the newest is of last_bar, and change_pct is the VIX's."""
    night, path = document.provenance.us_night, "provenance.us_night"
    if night is None:
        return
    if not night.used:
        if night.used is not None or tuple(map(int, document.schema_version.split("."))) >= USED_SINCE:
            yield Violation(f"{path}.used", "must name a series that was used, names none")
        return
    names = [one.series for one in night.used]
    inputs = {entry.series for entry in document.provenance.inputs}
    for index, one in enumerate(night.used):
        if one.series in names[:index]:
            yield Violation(f"{path}.used.{index}.series", f"must be named once, {one.series} is named again")
        if one.series not in inputs:
            yield Violation(f"{path}.used.{index}.series", f"must be in provenance.inputs, {one.series} is not")
        yield from related(f"{path}.used.{index}.last", one.last, "<=", night.last_bar, "last_bar")
    newest = max(one.last for one in night.used)
    yield from related(f"{path}.last_bar", night.last_bar, "<=", newest, "the newest date in used,")
    if night.change_pct is None and "us_vix_daily" in names:
        yield Violation(f"{path}.change_pct", "must be there where the US VIX was used, is absent")
    elif night.change_pct is not None and "us_vix_daily" not in names:
        yield Violation(f"{path}.change_pct", f"must be absent where the US VIX was not used, is {night.change_pct}")
