"""A document as text."""

import json

from aegismatrix_engine.document.schema.document import Document


def dump(document: Document) -> str:
    """The document as JSON: fields in the order of their models, absent ones left out, one newline at the end.

    The same document gives the same text. Characters outside ASCII are kept as they are, to be encoded as UTF-8.
    """
    content = document.model_dump(mode="json", exclude_none=True)
    return json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
