"""The published document: its shape, the rules it keeps, and its text."""

from aegismatrix_engine.document.validate import check_document, check_json, refusals_named
from aegismatrix_engine.document.write import dump

__all__ = ["check_document", "check_json", "dump", "refusals_named"]
