"""The document's JSON Schema, made from its models; ``python -m aegismatrix_engine.method docs`` writes it."""

import json
from collections.abc import Callable
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from aegismatrix_engine.document.schema.document import SCHEMA_VERSION, Document


class AbsentNeverNull(GenerateJsonSchema):
    """A field that may be absent is optional, and null is not one of its values."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        """The schema of the value that is there."""
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """The same without its default."""
        return self.generate_inner(schema["schema"])

    def field_title_should_be_set(self, schema: Any) -> bool:
        """None is."""
        # A title that only repeats the field's name says nothing.
        return False


def json_schema(filled: Callable[[str], str]) -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of the document, every field with its meaning.

    What the standard has no word for begins with ``x-``: unit, formula, cut-offs, update frequency, what the field does
    not say, and of blocks the basis and the models. A number without an update frequency has that of its block.

    Args:
        filled: fills the constants in, in a text of the fields.
    """
    schema = Document.model_json_schema(schema_generator=AbsentNeverNull)
    heading = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "AegisMatrix document",
        "$comment": f"schema_version {SCHEMA_VERSION}; made by python -m aegismatrix_engine.method docs",
    }
    named: dict[str, Any] = _in_words(schema, filled)
    return heading | {name: part for name, part in named.items() if name not in heading}


def _in_words(part: Any, filled: Callable[[str], str]) -> Any:
    """The same with the constants in every text."""
    if isinstance(part, dict):
        return {name: _in_words(value, filled) for name, value in part.items()}
    if isinstance(part, list):
        return [_in_words(value, filled) for value in part]
    return filled(part).replace("``", "`") if isinstance(part, str) and "{" in part else part


def render(filled: Callable[[str], str]) -> str:
    """The schema as the text that docs/aegismatrix.schema.json holds."""
    return json.dumps(json_schema(filled), indent=1, ensure_ascii=False) + "\n"
