"""A tree published by an engine of before, of schema 1.0.0 to 2.3.0, goes on by itself: nothing is done by hand.

Document, last values and record are that engine's, made on the very bars that the loopback Yahoo serves; see
fixtures/make_former_tree.py. The model set beside them is that of today's first run: its format is the same.
"""

import json
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from first_run import FirstRun, MakeRunner, bars_at
from github_server import REPOSITORY, GitHubServer
from repositories import DOCUMENT, RECENT, Origin, git
from yahoo_server import YahooServer

from aegismatrix_engine.document import check_json
from aegismatrix_engine.document.fields import SIGNAL_BLOCKS
from aegismatrix_engine.document.schema.document import SCHEMA_VERSION
from aegismatrix_engine.jobs.engine_commit import engine_commit
from aegismatrix_engine.state.last_values import read_last_values

pytestmark = pytest.mark.slow

BRANCH, SITE = "published", "site"
RUN = "aegis run"
FORMER = Path(__file__).resolve().parents[1] / "fixtures" / "published-1.0.0"
LEDGER = "record/nifty50/forecasts/2026/2026-07-14.csv"
CHANGED = ("market.regime", "buyer.regime", "buyer.gamma_windows.", "seller.skew.", "seller.max_pain.")
AT_REST = "2026-07-14T16:39:30+05:30"
IN_SESSION, CLOSED = "2026-07-15T11:09:30+05:30", "2026-07-15T16:09:30+05:30"


@pytest.fixture(params=["1.0.0", "2.0.0", "2.1.0", "2.2.0", "2.3.0"])
def tree(request: pytest.FixtureRequest) -> Path:
    """What an engine of that schema left."""
    return FORMER.with_name(f"published-{request.param}")


@pytest.fixture
def former(published: Origin, tmp_path: Path, tree: Path) -> Origin:
    """A remote whose branch ``published`` holds what the engine of before left there."""
    clone = tmp_path / "former"
    git(tmp_path, "clone", "--quiet", "--branch", BRANCH, str(published.path), str(clone))
    git(clone, "rm", "-r", "--quiet", DOCUMENT, RECENT, "record")
    shutil.copytree(tree, clone, dirs_exist_ok=True)
    git(clone, "add", "--all")
    named = ("-c", "user.name=former", "-c", "user.email=former@localhost")
    git(clone, *named, "commit", "--quiet", "-m", "document of before")
    git(clone, "push", "--quiet", "origin", BRANCH)
    git(published.path, "update-ref", "-d", f"refs/heads/{SITE}")
    return published


def rows(origin: Origin, path: str) -> list[str]:
    return origin.read(path, BRANCH).decode().splitlines()[1:]


def document(origin: Origin) -> dict[str, Any]:
    content = origin.read(DOCUMENT, BRANCH)
    check_json(content)
    found: dict[str, Any] = json.loads(content)
    return found


def test_the_tree_is_one_of_before() -> None:
    assert json.loads((FORMER / DOCUMENT).read_bytes())["schema_version"] == "1.0.0"


def test_every_tree_is_one_of_before(tree: Path) -> None:
    assert json.loads((tree / DOCUMENT).read_bytes())["schema_version"] == tree.name.removeprefix("published-")
    assert json.loads((tree / DOCUMENT).read_bytes())["provenance"].get("engine_commit") != engine_commit()
    assert read_last_values(tree / RECENT, pd.Timestamp(IN_SESSION)).known is not None


def values(content: Any, path: str = "") -> dict[str, Any]:
    """Every number and word below a block by its path, sentences left out."""
    if isinstance(content, dict | list):
        items = content.items() if isinstance(content, dict) else enumerate(content)
        return {name: value for key, item in items for name, value in values(item, f"{path}.{key}").items()}
    return {} if ".reasons." in path else {path.lstrip("."): content}


FACTS = ("market.spot", "market.vix", "market.previous_close", "buyer.breakout_levels.atr_points")
DATES = (".expiry", ".session", ".until", ".sessions_left", ".horizon_days", ".day_offset", ".dead_zone_pct")


def test_every_field_of_before_is_there_and_what_is_no_forecast_is_as_it_was(first_run: FirstRun) -> None:
    """Both engines on the same bars; forecasts and their words may be others, prices and dates may not."""
    then, now = (
        values({name: block for name, block in json.loads(content).items() if name in SIGNAL_BLOCKS})
        for content in ((FORMER / DOCUMENT).read_bytes(), first_run.origin.read(DOCUMENT, BRANCH))
    )
    assert {name for name in then.keys() - now.keys() if not name.startswith(CHANGED)} == set()
    kept = [name for name in then if name.startswith(FACTS) or name.endswith(DATES)]
    assert len(kept) > 60
    for name in kept:
        if name.startswith(CHANGED):
            continue
        if isinstance(then[name], float):
            assert now[name] == pytest.approx(then[name], rel=2e-3, abs=2e-3), name
        else:
            assert now[name] == then[name], name


def test_one_due_run_publishes_the_new_version_and_keeps_the_record(
    former: Origin, tree: Path, runner_for: MakeRunner, yahoo: YahooServer, github: GitHubServer
) -> None:
    yahoo.series.update(bars_at(IN_SESSION))
    ended = runner_for(former).run("infer", IN_SESSION)
    assert not ended.failed, ended.steps
    assert document(former)["schema_version"] == SCHEMA_VERSION
    assert document(former)["as_of"] == "2026-07-15T11:00:00+05:30"
    assert "| restore | 0 |" in ended.summary
    assert "| publish | 0 |" in ended.summary
    assert former.read(LEDGER, BRANCH) == (tree / LEDGER).read_bytes()
    assert document(former)["health"]["frozen"] == []
    assert former.read(DOCUMENT, SITE) == former.read(DOCUMENT, BRANCH), "the page is there after one run"
    assert github.issues == []


def test_a_run_that_is_not_due_leaves_it_and_the_watch_stays_quiet(
    former: Origin, tree: Path, runner_for: MakeRunner, github: GitHubServer
) -> None:
    before = former.tip(BRANCH)
    runner = runner_for(former)
    ended = runner.run("infer", AT_REST)
    assert not ended.failed, ended.steps
    # A document that says when the next one is due ends the job before anything is installed.
    asked = "".join(step.out for step in ended.steps)
    assert ("the next is due at" if ended.installed == [] else "nothing is due") in asked
    assert former.tip(BRANCH) == before
    assert SITE not in former.branches()
    github.files[f"/raw/{REPOSITORY}/{BRANCH}/{DOCUMENT}"] = former.read(DOCUMENT, BRANCH)
    watched = runner.run("watch", AT_REST, 2)
    assert not watched.failed, watched.steps
    assert "in time: " in "".join(step.out for step in watched.steps)
    assert github.issues == []


@pytest.mark.slow
def test_a_training_before_the_first_new_document_publishes_its_set_and_leaves_the_document(
    former: Origin, tree: Path, runner_for: MakeRunner, github: GitHubServer
) -> None:
    manifest = former.read("models/manifest.json", BRANCH)
    ended = runner_for(former).run("train", "2026-07-14T20:00:00+05:30", event="workflow_dispatch")
    assert not ended.failed, [step for step in ended.steps if step.code]
    assert former.read("models/manifest.json", BRANCH) != manifest
    assert former.read(DOCUMENT, BRANCH) == (tree / DOCUMENT).read_bytes()
    assert github.issues == []


@pytest.mark.slow
def test_after_the_close_forecasts_of_before_are_decided_beside_those_of_now(
    former: Origin, tree: Path, runner_for: MakeRunner, yahoo: YahooServer
) -> None:
    runner = runner_for(former)
    for number, moment in enumerate((IN_SESSION, CLOSED), start=1):
        yahoo.series.update(bars_at(moment))
        assert not runner.run("infer", moment, number).failed
    keys = {row.split(",")[0] for row in (tree / LEDGER).read_text().splitlines()[1:] if ",2026-07-15,1," in row}
    decided = [name for name in former.files(BRANCH) if name.startswith("record/nifty50/resolutions/")]
    found = {row.split(",")[0] for name in decided for row in rows(former, name)}
    assert keys
    assert keys <= found
