"""What a number means, from the very data that docs/method.md is made of: one text for each block of the document."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from aegismatrix_engine.dashboard.figures import Figures, Sentence
from aegismatrix_engine.document.fields import PublishedField, published_fields
from aegismatrix_engine.method.render import filled

BLOCKS: Final = (
    "market",
    "direction.risk",
    "seller.expiries[]",
    "seller.expiries[].ranges[]",
    "seller.expiries[].breach_curve[]",
    "seller.expiries[].priced",
    "seller.range_width",
    "seller.trap",
    "seller.expiry_stress",
    "seller.skew",
    "seller.seller_flag",
    "seller.max_pain",
    "seller.safe_range",
    "buyer.breakout_next[]",
    "buyer.breakout_levels",
    "buyer.gamma_windows[]",
    "buyer.theta_edge",
    "buyer.spike_direction_bias",
    "buyer.buyer_environment",
    "buyer.regime_evidence",
    "direction.night",
    "direction.horizons.*",
    "direction.today",
    "market.events[]",
    "forecast",
    "forecast.session",
    "forecast.horizons[]",
    "track_record.safe_range",
    "track_record.nearest_range",
    "track_record.breakout_calls",
    "track_record.skill[]",
    "track_record.live[]",
    "options",
    "health",
    "provenance",
)
"""Blocks whose texts the page holds, each once."""

_SCORED: Final = {
    "seller.trap": ("seller.trap.",),
    "seller.expiry_stress": ("seller.expiry_stress",),
    "buyer.breakout_next[]": ("buyer.breakout.",),
    "buyer.theta_edge": ("buyer.theta_edge.",),
    "buyer.spike_direction_bias": ("buyer.spike_direction_bias",),
    "direction.horizons.*": ("direction.",),
}
"""Block -> how the names of its signals begin in ``track_record.skill``."""

_RATES: Final = {"seller.safe_range": "safe_range", "seller.expiries[].ranges[]": "nearest_range"}
"""Block -> the rate of ``track_record`` that was measured of it."""

_OWN = ("basis", "models", "reason", "reason_10")


@dataclass(frozen=True)
class FieldText:
    """What one field means; empty strings where its block or the field says nothing."""

    name: str
    unit: str
    description: str
    formula: str
    cut_offs: str
    does_not_say: str


@dataclass(frozen=True)
class MethodText:
    """What one block means.

    Attributes:
        basis: each basis that it may carry, with the case.
        measured: what its past forecasts were worth, a sentence each.
    """

    path: str
    description: str
    does_not_say: str
    basis: tuple[tuple[str, str], ...]
    fields: tuple[FieldText, ...]
    measured: tuple[Sentence, ...]


def method_texts(figures: Figures) -> dict[str, MethodText]:
    """The texts of ``BLOCKS`` by path, with the scores that the document carries."""
    fill = filled()
    fields = published_fields()
    inside: dict[str, list[PublishedField]] = {path: [] for path in BLOCKS}
    for field in fields.values():
        if field.kind and field.block in inside and field.name not in _OWN:
            inside[field.block].append(field)
    return {path: _text(fields[path], inside[path], fill, tuple(_measured(figures, path))) for path in BLOCKS}


def _text(
    block: PublishedField, inside: list[PublishedField], fill: Callable[[str], str], measured: tuple[Sentence, ...]
) -> MethodText:
    return MethodText(
        path=block.path,
        description=_sentence(fill(block.description)),
        does_not_say=_sentence(fill(block.meaning.does_not_say)),
        basis=tuple((basis, fill(case)) for basis, case in (block.meaning.basis or {}).items()),
        fields=tuple(_field(field, fill) for field in inside),
        measured=measured,
    )


def _field(field: PublishedField, fill: Callable[[str], str]) -> FieldText:
    meaning = field.meaning
    return FieldText(
        name=field.name,
        unit=fill(field.unit),
        description=_sentence(fill(field.description)),
        formula=fill(meaning.formula),
        cut_offs=fill(meaning.cut_offs),
        does_not_say=_sentence(fill(meaning.does_not_say)),
    )


def _sentence(text: str) -> str:
    return text if not text or text.endswith((".", ":")) else f"{text}."


def _measured(figures: Figures, block: str) -> Iterator[Sentence]:
    """What the walk through the past measured of a block's forecasts."""
    rate = _RATES.get(block)
    if rate is not None and figures.value(f"track_record.{rate}") is not None:
        yield from _rate(figures, f"track_record.{rate}")
    for index, skill in enumerate(figures.document.track_record.skill):
        if skill.signal.startswith(_SCORED.get(block, ("\0",))):
            path = f"track_record.skill.{index}"
            yield (
                f"{skill.signal}: Brier score ",
                figures("percent_tenths_signed", f"{path}.skill_pct"),
                *(
                    " better than the base rate's (negative: worse), ",
                    figures("count", f"{path}.n"),
                    " forecasts from ",
                ),
                *(figures("dated", f"{path}.first"), " to ", figures("dated", f"{path}.last"), "."),
            )


def _rate(figures: Figures, path: str) -> Iterator[Sentence]:
    if not figures.value(f"{path}.n"):
        return
    yield (
        *("In the walk through the past ", figures("percent_tenths", f"{path}.rate"), " held, of "),
        *(figures("count", f"{path}.events"), " expiries; meant: ", figures("percent", f"{path}.nominal"), "."),
    )
