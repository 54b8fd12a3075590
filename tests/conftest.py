"""Fixtures that every room's tests share."""

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import settings

# How long an example may take says how busy the machine is, and nothing of what is tested.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real market data beside the checkout; its absence skips the test, or fails it where required."""
    if not SHARED.is_dir():
        if "shared" in os.environ.get("AEGIS_REQUIRE", ""):
            pytest.fail("AEGIS_REQUIRE asks for the folder 'shared' beside the checkout, and it is not there")
        pytest.skip("needs the folder 'shared' with real market data beside the checkout")
    return SHARED


@pytest.fixture(scope="session")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A trained model set on disk; not to be written to."""
    # No room but those of model sets should pay for what this imports.
    import synthetic

    from aegismatrix_engine.forecasting.model_set import save_models

    folder = tmp_path_factory.mktemp("models")
    save_models(*synthetic.trained_whole(), folder)
    return folder


@pytest.fixture
def models_dir(saved: Path, tmp_path: Path) -> Path:
    """A copy of a good set, to be spoilt."""
    return Path(shutil.copytree(saved, tmp_path / "models"))
