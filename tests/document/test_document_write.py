"""The text of a document."""

import json

from document_sample import sample_content, sample_document

from aegismatrix_engine.document import dump


def test_the_text_is_stable_readable_and_without_nulls() -> None:
    text = dump(sample_document())
    assert text == dump(sample_document())
    assert text.endswith("}\n")
    assert json.loads(text) == sample_content()
    assert "null" not in text
    assert list(json.loads(text))[:5] == ["generated_at", "schema_version", "market_id", "as_of", "valid_until"]


def test_characters_outside_ascii_stand_as_themselves() -> None:
    document = sample_document()
    health = document.health.model_copy(update={"notes": ["₹ 100"]})
    assert "₹ 100" in dump(document.model_copy(update={"health": health}))
