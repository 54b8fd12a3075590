"""The document's JSON Schema, made from its models: ``python -m aegismatrix_engine.document.json_schema``."""

import json
import sys
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from aegismatrix_engine.document.schema.document import SCHEMA_VERSION, Document


class _AbsentNeverNull(GenerateJsonSchema):
    """A field that may be absent is optional, and null is not one of its values."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def field_title_should_be_set(self, schema: Any) -> bool:
        # A title that only repeats the field's name says nothing.
        return False


def json_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of the document, every field with its meaning and unit."""
    schema = Document.model_json_schema(schema_generator=_AbsentNeverNull)
    heading = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "AegisMatrix document",
        "$comment": f"schema_version {SCHEMA_VERSION}; made by python -m aegismatrix_engine.document.json_schema",
    }
    return heading | {name: part for name, part in schema.items() if name not in heading}


def render() -> str:
    """The schema as the text that docs/aegismatrix.schema.json holds."""
    return json.dumps(json_schema(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(render())
