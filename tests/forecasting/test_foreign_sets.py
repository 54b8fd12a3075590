"""Sets really written by old libraries (tests/fixtures/make_foreign_sets.py): ours are read, estimators are refused."""

import json
from pathlib import Path

import pytest
import synthetic

from aegismatrix_engine.artifacts.environment import environment_changes
from aegismatrix_engine.errors import ModelsUnusable
from aegismatrix_engine.forecasting.audit import audit
from aegismatrix_engine.forecasting.model_set import load_models
from aegismatrix_engine.forecasting.models import MODEL_NAMES

FIXTURES = Path(__file__).parents[1] / "fixtures"
WRITTEN_BY = {
    "numpy1.26-sklearn1.4": {"numpy": "1.26.", "scikit-learn": "1.4.", "pandas": "2.2.", "python": "3.11."},
    "numpy2.0-sklearn1.5": {"numpy": "2.0.", "scikit-learn": "1.5.", "pandas": "2.2.", "python": "3.11."},
}


@pytest.mark.parametrize("writer", WRITTEN_BY)
def test_our_sets_of_old_libraries_are_healthy_and_the_libraries_are_told(writer: str) -> None:
    report = audit(FIXTURES / f"ours-{writer}", "nifty50", synthetic.TRAINED_AT)
    assert {name: (one.status, one.reason) for name, one in report.reports.items()} == dict.fromkeys(
        MODEL_NAMES, ("ok", "")
    )
    assert report.manifest is not None
    written = report.manifest.environment
    assert all(written[library].startswith(version) for library, version in WRITTEN_BY[writer].items())
    assert report.changes == environment_changes(written)


@pytest.mark.parametrize("writer", WRITTEN_BY)
def test_our_sets_of_old_libraries_make_a_document(writer: str) -> None:
    models, manifest = load_models(FIXTURES / f"ours-{writer}", "nifty50", synthetic.TRAINED_AT)
    bars = synthetic.history(synthetic.daily_frame(510))
    assert synthetic.document(models, manifest.training, bars)["seller"]


@pytest.mark.parametrize("writer", WRITTEN_BY)
def test_estimators_under_a_manifest_that_vouches_for_them_are_untrusted(writer: str) -> None:
    folder = FIXTURES / f"estimators-{writer}"
    report = audit(folder, "nifty50", synthetic.TRAINED_AT)
    assert {one.status for one in report.reports.values()} == {"untrusted"}
    assert len(report.reports) == len(MODEL_NAMES)
    assert all("names sklearn." in one.reason for one in report.reports.values())
    with pytest.raises(ModelsUnusable, match="untrusted"):
        load_models(folder, "nifty50")


def test_the_fixtures_are_small() -> None:
    sets = (path for kind in ("ours", "estimators") for path in FIXTURES.glob(f"{kind}-*/*"))
    assert sum(path.stat().st_size for path in sets) < 2 * 10**6
    for writer in WRITTEN_BY:
        assert json.loads((FIXTURES / f"ours-{writer}" / "manifest.json").read_text())["format_version"] == 2
