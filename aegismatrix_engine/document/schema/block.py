"""Blocks of a document, and the kinds of text they hold: names, dates, moments, where numbers come from."""

import re
from datetime import date, datetime
from typing import Annotated, Final, Literal, dataclass_transform

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from aegismatrix_engine.document.schema.meaning import Kind, published

Basis = Literal["model", "base_rate", "estimator", "prior", "options"]
Color = Literal["GREEN", "AMBER", "RED"]

IMPLIED_BLOCKS: Final = ("seller.trap", "seller.expiry_stress", "buyer.theta_edge")
"""Paths of the blocks that compare the forecast with an implied level; prior, without an entry in health, where the
market has no volatility index."""

Text = Annotated[str, Field(min_length=1, pattern=r"^[^\r\n]+$")]
Reasons = Annotated[list[Text], Field(min_length=1)]

_DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_MOMENT = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{3}|\.[0-9]{6})?(Z|[+-][0-9]{2}:[0-9]{2})$"

Day = Annotated[
    str, Field(pattern=_DAY), AfterValidator(lambda text: date.fromisoformat(text) and text), Kind(format="date")
]
Timestamp = Annotated[
    str,
    Field(pattern=_MOMENT),
    AfterValidator(lambda text: datetime.fromisoformat(text) and text),
    Kind(format="date-time"),
]
ModelNames = Annotated[list[Text], AfterValidator(lambda names: sorted(set(names)))]


@dataclass_transform(kw_only_default=True, field_specifiers=(Field, published))
class Block(BaseModel):
    """Any object of the document: frozen, strict about types, closed to unknown fields and to non-finite numbers."""

    # defer_build: validators are built when first used, which a command that only prints help never does.
    # protected_namespaces: older pydantic warns of the field model_set.
    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, allow_inf_nan=False, defer_build=True, protected_namespaces=()
    )


class Signal(Block):
    """A block of numbers that says where they come from."""

    basis: Basis = published(
        "What the numbers come from: fitted model, base rate of a healthy model without proven skill, estimator, "
        "stated prior or option prices."
    )
    models: ModelNames = published("Names of the models the block depends on, sorted; may be empty.")


class HeadSignal(Signal):
    """A signal of a head, which speaks only while the walk through the past proves its skill."""

    reason: Text | None = published(
        "Why the head is silent; absent while it is proven, and in documents before 2.2.0.",
        "see the gate of each head",
        default=None,
    )


def timestamp(moment: datetime) -> str:
    """The text of an aware ``datetime`` (``pandas.Timestamp`` included) as the document holds it, to the second.

    Raises:
        ValueError: the moment has no zone.
    """
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} has no zone; localise it to the exchange's zone first")
    return re.sub(r"\.[0-9]+", "", moment.isoformat())
