"""The JSON Schema of a market's entry, for editors of TOML; ``python -m aegismatrix_engine.method docs`` writes it."""

import json
from typing import Any

from aegismatrix_engine.document.json_schema import AbsentNeverNull
from aegismatrix_engine.markets.entry_schema import Entry

FILE_NAME = "market.schema.json"


def entry_json_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of an entry, every key with its meaning; dates are those of TOML, without quotes."""
    schema = Entry.model_json_schema(schema_generator=AbsentNeverNull)
    heading = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "AegisMatrix market",
        "$comment": "made by python -m aegismatrix_engine.method docs; rules between keys: aegis markets check",
    }
    return heading | {name: part for name, part in schema.items() if name not in heading}


def render() -> str:
    """The schema as the text that docs/market.schema.json holds."""
    return json.dumps(entry_json_schema(), indent=1, ensure_ascii=False) + "\n"
