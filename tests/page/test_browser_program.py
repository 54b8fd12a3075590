"""What installs the browser for the tests of the page, and what it says where it cannot."""

import json
import os
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "tests" / "page"


def installing(tools: Path, user: int, **programs: str) -> subprocess.CompletedProcess[str]:
    """Run .ci/browser for a user, with these programs first on the PATH; a call of apt-get or npm is printed."""
    tools.mkdir()
    for name, script in {"id": f"echo {user}", "python": "exit 1", "npm": 'echo npm "$@"', **programs}.items():
        (tools / name).write_text(f"#!/bin/sh\n{script}\n")
        (tools / name).chmod(0o755)
    environment = {**os.environ, "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}"}
    return subprocess.run([".ci/browser"], cwd=ROOT, env=environment, capture_output=True, text=True)


def test_without_a_browser_a_user_who_may_not_install_one_is_told_what_to_do_in_one_line(tmp_path: Path) -> None:
    done = installing(tmp_path / "tools", user=1000)
    told = (
        ".ci/browser: error: no browser: install chromium or google-chrome, "
        "or run: python -m playwright install chromium\n"
    )
    assert (done.returncode, done.stdout, done.stderr) == (1, "", told)


def test_without_a_browser_root_gets_debians_chromium(tmp_path: Path) -> None:
    done = installing(tmp_path / "tools", user=0, **{"apt-get": 'echo apt-get "$@" >&2'})
    calls = done.stderr.splitlines()
    assert done.returncode == 0
    assert [re.sub(r" -\S+", "", call) for call in calls] == ["apt-get update", "apt-get install chromium"]
    assert done.stdout.startswith("npm ci --prefix tests/page ")


def test_where_a_browser_is_there_only_axe_is_installed(tmp_path: Path) -> None:
    done = installing(tmp_path / "tools", user=1000, python="echo /usr/bin/some-browser", **{"apt-get": "exit 9"})
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("npm ci --prefix tests/page ")


def test_axe_is_pinned_by_version_and_hash_without_an_address() -> None:
    text = (AXE / "package-lock.json").read_text(encoding="utf-8")
    packages = json.loads(text)["packages"]
    asked = json.loads((AXE / "package.json").read_text(encoding="utf-8"))["devDependencies"]
    assert {name: packages[f"node_modules/{name}"]["version"] for name in asked} == asked
    assert all(one["integrity"].startswith("sha512-") for name, one in packages.items() if name)
    assert "://" not in text
