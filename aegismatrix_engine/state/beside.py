"""Files beside the document, by their names."""

from pathlib import Path
from typing import Final

from aegismatrix_engine.errors import ConfigurationError

LAST_VALUES_NAME: Final = "recent.json"
ROLLBACK_NAME: Final = "rollback.json"
_CONTENTS: Final = {LAST_VALUES_NAME: "the last published values", ROLLBACK_NAME: "a rollback of the models"}


def refuse_taken_name(output: Path) -> None:
    """Raise ConfigurationError for a document that has the name of a file beside it."""
    if output.name in _CONTENTS:
        raise ConfigurationError(
            f"invalid --output {output}: the file of that name holds {_CONTENTS[output.name]}; give the document "
            "another name"
        )
