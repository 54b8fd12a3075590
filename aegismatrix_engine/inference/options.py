"""What asking for an option chain brought, as the making of a document knows it; nothing of options is imported."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from aegismatrix_engine.document.schema.health import Degradation
from aegismatrix_engine.document.schema.options import UNUSABLE, Options
from aegismatrix_engine.forecasting.models import Models
from aegismatrix_engine.forecasting.origin import Origin
from aegismatrix_engine.record.baselines import CloseBeyond
from aegismatrix_engine.signals.blocks import SignalBlocks


@dataclass(frozen=True)
class OptionsOutcome:
    """The signals with what a chain says, or as they were where none could be used.

    Attributes:
        origin: the moment of the document; expiries are where the chain lists them.
        blocks: the signals of the document.
        options: the document's block about the chain; None where none was used.
        degraded: the signals that an unusable chain leaves to their estimators.
        notes: what else is worth knowing of the chain, one line each.
        beyond: date of each expiry with prices -> the chances of a close that they imply, for the record.
    """

    origin: Origin
    blocks: SignalBlocks
    options: Options | None = None
    degraded: tuple[Degradation, ...] = ()
    notes: tuple[str, ...] = ()
    beyond: Mapping[str, CloseBeyond] = field(default_factory=dict)


MakeBlocks = Callable[[Origin], SignalBlocks]
"""Makes the signals of a moment."""

PriceBlocks = Callable[[Origin, Models, MakeBlocks], OptionsOutcome]
"""Reads the chain for a moment, makes its signals, and prices them by it."""


def with_options(origin: Origin, models: Models, make: MakeBlocks, priced: PriceBlocks | None) -> OptionsOutcome:
    """The signals with what a chain says; as they are where none was asked for."""
    return OptionsOutcome(origin, make(origin)) if priced is None else priced(origin, models, make)


def without_chain(origin: Origin, blocks: SignalBlocks, why: str) -> OptionsOutcome:
    """The signals as they are, and that the chain which was asked for could not be used."""
    shown = (
        ("seller.max_pain", blocks.seller.max_pain, f"{UNUSABLE}: {one_line(why)}; the zone is that of the forecast"),
        ("seller.skew", blocks.seller.skew, f"{UNUSABLE}, see seller.max_pain; the skew is that of the forecast"),
        (
            "buyer.theta_edge",
            blocks.buyer.theta_edge,
            f"{UNUSABLE}, see seller.max_pain; the cost is implied by the volatility index",
        ),
    )
    found = (Degradation(signal=signal, basis=block.basis, reason=reason) for signal, block, reason in shown)
    return OptionsOutcome(origin, blocks, degraded=tuple(found))


def one_line(text: str) -> str:
    """A text that may hold the name of any file, as a document can hold it."""
    return " ".join(text.encode("utf-8", "replace").decode().split()) or "?"
