"""Files beside the document."""

from pathlib import Path


def recent_beside(output: Path) -> Path:
    """Where the last published values stand; raises ConfigurationError for a document of that very name."""
    from aegismatrix_engine.errors import ConfigurationError
    from aegismatrix_engine.state.last_values import RECENT_NAME

    if output.name == RECENT_NAME:
        raise ConfigurationError(f"--output {output}: the last values go there; give the document another name")
    return output.parent / RECENT_NAME


def rollback_beside(output: Path) -> Path:
    """Where it stands that the models were rolled back; raises ConfigurationError for a document of that very name."""
    from aegismatrix_engine.errors import ConfigurationError
    from aegismatrix_engine.state.rollback_file import ROLLBACK_NAME

    if output.name == ROLLBACK_NAME:
        raise ConfigurationError(f"--output {output}: a rollback stands there; give the document another name")
    return output.parent / ROLLBACK_NAME
