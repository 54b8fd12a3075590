"""What a published field means, as data: the method in words and the JSON Schema are made from it.

Every text is a template. ``{{ NAME }}`` is the constant of that name, filled in by ``method/``, so that no text repeats
a number of the code.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

from pydantic import Field, GetJsonSchemaHandler
from pydantic_core import CoreSchema

UpdateFrequency = Literal["document", "session", "expiry", "training", "event", "constant"]
"""document: with every document of a later moment: every bar inside a session, every close where only closes are
published. session, expiry, training: with every new session, every new primary expiry, every model set trained on at
least a week of later sessions. event: when something happens that need not (a breakout, a move past a strike).
constant: never, by definition."""

ChangesWith = Literal["training"]
"""training: bars since the training do not move the number, nor does the forecast of the day: it stands in the model
set, or follows from it alone, and only another set changes it. Which of a set's values is shown may depend on the
moment of the day, the sessions left, the week before, and how wide the range is for its year; a pooled rate also counts
each live forecast decided."""

HEALTHY = "from healthy models"
REPLACED = "a model it names could not be used, and the historical average is shown instead"
FROM_MODELS = {"model": HEALTHY, "prior": REPLACED}
UNPROVEN = "healthy, but the walk through the past has not proven its skill: the base rate"
RATIO_CUTS = "cuts of score / base_rate learned in the walk; see label cuts"
NO_OPEN_INTEREST = "from a healthy model, as long as no open interest is read"


@dataclass(frozen=True)
class Kind:
    """What all values of one type have in common, as a part of the type.

    Attributes:
        unit: unit of the number, '' where each field names its own or there is none.
        format: format of the text in the terms of JSON Schema, '' for plain text and numbers.
    """

    unit: str = ""
    format: str = ""

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """The JSON Schema of the type with its unit or format."""
        parts = {"x-unit": self.unit, "format": self.format}
        return handler(core) | {name: value for name, value in parts.items() if value}


@dataclass(frozen=True)
class Meaning:
    """What one field means beyond its description, or one block that a field holds.

    Attributes:
        formula: how the value is computed, '' where the description is the whole rule.
        cut_offs: the levels at which a word for a number changes, '' without any.
        unit: unit of the number, '' where the type has it or there is none.
        updates: how often the number should move; None takes that of the field's block.
        changes_with: what alone changes the number; None takes that of the field's block where ``updates`` does.
        saturates: whether the number may stay at 0 or 1; None where its bounds say so.
        does_not_say: what a reader must not take it for, '' where the block says it.
        basis: of a block, each basis that it may carry, with the case; None where it carries none.
        models: of a block, every model it may name.
    """

    formula: str = ""
    cut_offs: str = ""
    unit: str = ""
    updates: UpdateFrequency | None = None
    changes_with: ChangesWith | None = None
    saturates: bool | None = None
    does_not_say: str = ""
    basis: Mapping[str, str] | None = None
    models: tuple[str, ...] = ()

    def __call__(self, schema: dict[str, Any]) -> None:
        """Add what is there to the field's JSON Schema."""
        for part in fields(self):
            value = getattr(self, part.name)
            if value and part.name != "saturates":
                name = "update-frequency" if part.name == "updates" else part.name.replace("_", "-")
                schema[f"x-{name}"] = list(value) if isinstance(value, tuple) else value


def published(
    description: str,
    formula: str = "",
    *,
    cut_offs: str = "",
    unit: str = "",
    updates: UpdateFrequency | None = None,
    changes_with: ChangesWith | None = None,
    saturates: bool | None = None,
    does_not_say: str = "",
    basis: Mapping[str, str] | None = None,
    models: tuple[str, ...] = (),
    default: Any = ...,
) -> Any:
    """A field of the document: pydantic's ``Field`` with its :class:`Meaning`, whose attributes the others are.

    ``description`` says in a sentence or two what the value is; ``default`` is None for a field that may be absent, and
    a field without it is required. What should move with every training changes with training.
    """
    changes_with = "training" if updates == "training" else changes_with
    meaning = Meaning(formula, cut_offs, unit, updates, changes_with, saturates, does_not_say, basis, models)
    return Field(default, description=description, json_schema_extra=meaning)
