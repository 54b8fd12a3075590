"""What contributors are told to run is what main must pass."""

import re
from pathlib import Path

from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[2]
RUN = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def test_the_hooks_run_the_locked_tools_by_the_commands_of_continuous_integration() -> None:
    (local,) = YAML(typ="safe").load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
    assert local["repo"] == "local"
    for hook in local["hooks"]:
        # Language system runs what the environment has installed from the lock; a rev would name another version.
        assert hook["language"] == "system"
        assert "rev" not in hook
        assert "additional_dependencies" not in hook
        assert re.search(rf"^{hook['entry']}\b", RUN, flags=re.MULTILINE)
        assert re.search(rf"^{hook['entry'].split()[0]}==", LOCK, flags=re.MULTILINE)
    assert {hook["entry"] for hook in local["hooks"]} == {"ruff format", "ruff check", "mypy"}


def test_the_parts_of_the_check_are_those_of_continuous_integration() -> None:
    table = PAGE.partition("## Check\n")[2].partition("\n## ")[0]
    commands = re.findall(r"^\|[^|]*\| `([^`]+)` \|$", table, flags=re.MULTILINE)
    tools = {word for command in commands for word in re.findall(r"^(?:python -m )?([\w.-]+)", command)}
    assert tools == {"ruff", "mypy", "pytest", "zizmor", "check-jsonschema", "benchmarks.cross_environment"}
    assert all(tool in RUN for tool in tools)
    for line in RUN.splitlines():
        assert not line.startswith("python -m pytest") or line in commands
