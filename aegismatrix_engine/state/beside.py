"""Files beside the document: their names and where they stand."""

from pathlib import Path
from typing import Final

from aegismatrix_engine.errors import ConfigurationError

LAST_VALUES_NAME: Final = "recent.json"
ROLLBACK_NAME: Final = "rollback.json"


def refuse_taken_name(output: Path) -> None:
    """Raise ConfigurationError for a document that has the name of a file beside it."""
    if output.name == LAST_VALUES_NAME:
        raise ConfigurationError(f"--output {output}: the last values go there; give the document another name")
    if output.name == ROLLBACK_NAME:
        raise ConfigurationError(f"--output {output}: a rollback stands there; give the document another name")


def last_values_beside(output: Path) -> Path:
    """Where the last published values stand."""
    return output.parent / LAST_VALUES_NAME


def rollback_beside(output: Path) -> Path:
    """Where it stands that the models were rolled back."""
    return output.parent / ROLLBACK_NAME
