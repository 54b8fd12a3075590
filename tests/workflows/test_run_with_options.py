"""``aegis run`` with an option chain: what it says is published, the chain never, and a damaged one stops nothing."""

import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from chain_files import lognormal_chain
from first_run import MakeRunner, bars_at
from github_server import GitHubServer
from machine_clock import process_clock
from repositories import DOCUMENT, Origin, git, isolated
from ruamel.yaml import YAML
from workflow_jobs import ROOT, WORKFLOWS
from yahoo_server import YahooServer

from aegismatrix_engine.document import check_json
from aegismatrix_engine.markets import get_market, next_expiries

pytestmark = pytest.mark.slow

MARKET = get_market("nifty50")
CLOSED = "2026-07-15T16:09:30+05:30"
CLOSE = pd.Timestamp("2026-07-15T15:30:00+05:30")
BRANCH, RUN = "published", "aegis run"
TOKEN_LINE = "UPSTOX_ANALYTICS_TOKEN"


def chain() -> bytes:
    """A market of 15 % volatility at the close of the bars of CLOSED, with every expiry of its document."""
    day = CLOSE.tz_localize(None).normalize()
    listed = [one.date for kind in ("weekly", "monthly") for one in next_expiries(MARKET, day, kind, 2)]
    years = {date: (MARKET.calendar.closes_at(date) - CLOSE) / pd.Timedelta(days=365) for date in sorted(listed)}
    return lognormal_chain(years, CLOSE, float(bars_at(CLOSED)["^NSEI", "1d"].bars["close"].iloc[-1]))


def document(origin: Origin) -> dict[str, Any]:
    content = origin.read(DOCUMENT, BRANCH)
    check_json(content)
    found: dict[str, Any] = json.loads(content)
    return found


def assert_no_chain(origin: Origin) -> None:
    """No file of the published trees is of a chain or quotes a leg of one."""
    for branch in origin.branches():
        for name in origin.files(branch):
            assert not name.startswith("chain")
            content = origin.read(name, branch)
            for word in (b"bidprice", b"askPrice", b"strikePrice", b"OPTIDX"):
                assert word not in content, (branch, name)


def test_run_publishes_what_the_chain_says_and_not_the_chain(
    published: Origin, tmp_path: Path, yahoo: YahooServer, github: GitHubServer
) -> None:
    yahoo.series.update(bars_at(CLOSED))
    checkout = tmp_path / "checkout"
    git(tmp_path, "clone", "--quiet", "--depth=1", "--single-branch", published.path.as_uri(), str(checkout))
    (checkout / "chain.json").write_bytes(chain())
    ended = subprocess.run(
        [
            *(sys.executable, str(ROOT / "tests" / "sources" / "yahoo_loopback.py"), "run", "--branch", BRANCH),
            *("--options", "chain.json"),
        ],
        cwd=checkout,
        env={
            **isolated(tmp_path),
            **process_clock(CLOSED),
            "PATH": "/usr/bin:/bin",
            "PYTHONPATH": str(ROOT),
            **yahoo.environment(),
            "NO_PROXY": "*",
        },
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    found = document(published)
    assert found["options"]["files"][0]["name"] == "chain.json"
    assert found["health"]["status"] == "ok"
    assert all("priced" in one for one in found["seller"]["expiries"])
    ledger = [published.read(name, BRANCH).decode() for name in published.files(BRANCH) if "/forecasts/" in name]
    assert any(",priced," in rows for rows in ledger)
    assert (checkout / "chain.json").read_bytes() == chain(), "what is the operator's stays as it was"
    assert_no_chain(published)


@pytest.mark.parametrize("content", [None, b"", b"<html>Access Denied</html>", b'{"records": {"data": [{}]}}'])
def test_a_chain_that_cannot_be_used_ends_the_job_red_once_all_else_is_published(
    published: Origin,
    runner_for: MakeRunner,
    yahoo: YahooServer,
    github: GitHubServer,
    tmp_path: Path,
    content: bytes | None,
) -> None:
    """By the environment of the workflow, as an operator sets it."""
    yahoo.series.update(bars_at(CLOSED))
    file = tmp_path / "secret-folder" / "chain.json"
    file.parent.mkdir()
    file.write_bytes(chain() if content is None else content)
    runner = runner_for(published)
    runner = replace(runner, environment={**runner.environment, "AEGIS_OPTIONS": str(file)})
    ended = runner.run("infer", CLOSED)
    found = document(published)
    assert found["as_of"] == CLOSE.isoformat()
    assert_no_chain(published)
    if content is None:
        assert not ended.failed, ended.steps
        assert "options" in found
        return
    assert ended.step(RUN).code == 10
    assert "| publish | 0 |" in ended.summary
    assert "options" not in found
    reasons = {one["signal"]: one["reason"] for one in found["health"]["degraded"]}
    assert "chain.json" in reasons["seller.max_pain"]
    assert "secret-folder" not in json.dumps(found)
    # Forecasts that came due are decided all the same.
    assert any("/resolutions/" in name for name in published.files(BRANCH))


def test_the_lines_for_upstox_belong_to_the_one_step_that_reads_chains() -> None:
    text = (WORKFLOWS / "infer.yml").read_text(encoding="utf-8")
    taken_in = re.sub(r"^( +)# ((?:AEGIS_OPTIONS|UPSTOX_ANALYTICS_TOKEN): )", r"\1\2", text, flags=re.MULTILINE)
    assert taken_in != text
    steps = YAML(typ="safe", pure=True).load(taken_in)["jobs"]["infer"]["steps"]
    (run,) = [step for step in steps if step.get("id") == "run"]
    assert run["env"]["AEGIS_OPTIONS"] == "upstox"
    assert run["env"][TOKEN_LINE] == f"${{{{ secrets.{TOKEN_LINE} }}}}"
    assert [step for step in steps if TOKEN_LINE in str(step)] == [run]
    lines = [line for line in taken_in.splitlines() if re.match(r" +(AEGIS_OPTIONS|UPSTOX_ANALYTICS_TOKEN): ", line)]
    page = (ROOT / "docs" / "options.md").read_text(encoding="utf-8")
    assert "```yaml\n" + "\n".join(lines) + "\n```" in page


def test_the_workflow_with_the_lines_for_upstox_is_one_that_github_takes(tmp_path: Path) -> None:
    text = (WORKFLOWS / "infer.yml").read_text(encoding="utf-8")
    file = tmp_path / ".github" / "workflows" / "infer.yml"
    file.parent.mkdir(parents=True)
    file.write_text(re.sub(r"^( +)# (AEGIS_OPTIONS|UPSTOX_ANALYTICS_TOKEN): ", r"\1\2: ", text, flags=re.MULTILINE))
    tools = Path(sys.executable)
    for command in (
        ["check-jsonschema", "--quiet", "--builtin-schema", "vendor.github-workflows", str(file)],
        ["zizmor", "--offline", "--persona=auditor", "--min-severity=medium", "--quiet", str(file.parent)],
    ):
        done = subprocess.run(
            [str(tools.with_name(command[0])), *command[1:]], capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
