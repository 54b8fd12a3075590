"""Open interest of each expiry as the page shows it. No word here says that a close is drawn anywhere."""

from dataclasses import dataclass

from aegismatrix_engine.dashboard.figures import Figure, Figures


@dataclass(frozen=True)
class OpenInterest:
    """What the open interest of one expiry comes to.

    Attributes:
        strike: max pain.
        lower, upper: levels between which holders would be paid hardly more.
        confidence: the forecast's chance of a close between them.
        ratio: puts per call; None where no call is held.
        calls, puts: the strikes of each side with the largest open interest, largest first.
        strikes: how many the chain has, where it was cut to a window; else None.
    """

    expiry: Figure
    strike: Figure
    lower: Figure
    upper: Figure
    confidence: Figure
    ratio: Figure | None
    calls: tuple[Figure, ...]
    puts: tuple[Figure, ...]
    strikes: Figure | None


def open_interest(figures: Figures) -> tuple[OpenInterest, ...]:
    """That of each expiry whose open interest was read, nearest first."""
    places = range(len(figures.document.seller.expiries))
    found = (_of(figures, f"seller.expiries.{place}") for place in places)
    return tuple(filter(None, found))


def _of(figures: Figures, path: str) -> OpenInterest | None:
    held = figures.value(f"{path}.open_interest")
    if held is None:
        return None
    zone, inside = f"{path}.max_pain", f"{path}.open_interest"
    return OpenInterest(
        expiry=figures("day", f"{path}.expiry"),
        strike=figures("level_whole", f"{zone}.strike"),
        lower=figures("level_whole", f"{zone}.lower"),
        upper=figures("level_whole", f"{zone}.upper"),
        confidence=figures("percent", f"{zone}.confidence"),
        ratio=None if held.put_call_ratio is None else figures("ratio", f"{inside}.put_call_ratio"),
        calls=_walls(figures, f"{inside}.call_walls"),
        puts=_walls(figures, f"{inside}.put_walls"),
        strikes=figures("count", f"{inside}.strikes") if held.partial else None,
    )


def _walls(figures: Figures, path: str) -> tuple[Figure, ...]:
    return tuple(figures("level_whole", f"{path}.{place}.strike") for place in range(len(figures.value(path))))
