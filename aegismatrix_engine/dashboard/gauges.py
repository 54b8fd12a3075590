"""Small drawings beside single numbers, each one SVG text of a few hundred bytes."""


def tick_scale(value: float, usual: float | None, low: float, high: float, *, label: str) -> str:
    """A value as a bar from ``low`` on a scale to ``high``, with its base rate as a tick."""
    return ""


def interval_scale(
    value: float, low: float, high: float, *, reference: float, minimum: float, maximum: float, label: str
) -> str:
    """A value with its interval on a scale from ``minimum`` to ``maximum``, with a line at ``reference``."""
    return ""


def progress(done: float, of: float, *, label: str) -> str:
    """How much of ``of`` is done, as a bar."""
    return ""
