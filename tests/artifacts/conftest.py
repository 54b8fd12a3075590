"""Trained model sets on disk, good and to be spoilt."""

import shutil
from pathlib import Path

import pytest
import synthetic

from aegismatrix_engine.artifacts.store import save_models


@pytest.fixture(scope="session")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    save_models(*synthetic.trained_whole(), folder)
    return folder


@pytest.fixture
def models_dir(saved: Path, tmp_path: Path) -> Path:
    """A copy of a good set, to be spoilt."""
    return Path(shutil.copytree(saved, tmp_path / "models"))
