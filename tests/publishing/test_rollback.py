"""``aegis rollback``: the models of an earlier commit come back, and stay whoever publishes until it is lifted."""

import json
import os
import shutil
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from machine_clock import machine_clock
from publishing import Ended, published, refused, wrapped_git
from repositories import Clone, Origin, document, git
from test_publish_dated_ahead import set_of

from aegismatrix_engine.cli import main
from aegismatrix_engine.state.beside import ROLLBACK_NAME

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"
SOUND = FIXTURES / "ours-numpy2.0-sklearn1.5"
MANIFEST = "models/manifest.json"
NOW = datetime.now(UTC).replace(microsecond=0)
FIRST, SECOND, THIRD = ((NOW - timedelta(days=days)).isoformat() for days in (9, 6, 3))
Command = Callable[..., Ended]


@pytest.fixture
def rollback(clone: Clone, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Command:
    """``aegis rollback ARGUMENTS`` on the branch main, run in a clone that has published nothing itself."""

    def run(*arguments: str, at: Clone | None = None) -> Ended:
        monkeypatch.chdir((at or clone).path)
        with pytest.raises(SystemExit) as ended:
            main(["rollback", "--branch", "main", *arguments])
        assert isinstance(ended.value.code, int)
        return Ended(ended.value.code, *capfd.readouterr())

    return run


@pytest.fixture
def two_sets(clone: Clone, origin: Origin) -> str:
    """A branch with a set and then a later one; the commit of the former."""
    clone.write(document=0, rows=["a,1"], models=set_of(SOUND, trained_at=FIRST))
    assert published(clone).code == 0
    former = origin.tip()
    later = set_of(SOUND, trained_at=SECOND)
    clone.write(document=60, rows=["a,1", "a,2"], models=later | {"extra-aaaaaaaaaaaa.joblib": b"1"})
    assert published(clone).code == 0
    return former


def trained_at(origin: Origin) -> str:
    told: str = json.loads(origin.read(MANIFEST))["training"]["trained_at"]
    return told


def marker(origin: Origin) -> dict[str, str]:
    found: dict[str, str] = json.loads(origin.read(ROLLBACK_NAME))
    return found


def test_the_former_models_come_back_whole_with_nothing_else_changed(
    clone: Clone, origin: Origin, two_sets: str, rollback: Command
) -> None:
    before, rows, local = origin.read("aegismatrix.json"), origin.rows(), (clone.path / MANIFEST).read_bytes()
    tip = origin.tip()
    with machine_clock(NOW):
        ended = rollback("--to", two_sets[:8], "--reason", "the set of Saturday asks for trouble")
    assert (ended.code, ended.err) == (0, "")
    assert f"the models of commit {two_sets[:10]} (set " in ended.out
    assert trained_at(origin) == FIRST
    assert "models/extra-aaaaaaaaaaaa.joblib" not in origin.files()
    assert (origin.read("aegismatrix.json"), origin.rows()) == (before, rows)
    version = json.loads(origin.read(MANIFEST))["set_version"]
    assert marker(origin) == {
        "format": "aegis-rollback-1",
        "commit": two_sets,
        "set_version": version,
        "at": NOW.isoformat(),
        "reason": "the set of Saturday asks for trouble",
    }
    assert git(origin.path, "rev-parse", "main~1") == tip, "on top of the tip, never by force"
    assert (clone.path / MANIFEST).read_bytes() == local
    assert not (clone.path / ROLLBACK_NAME).exists()
    clone.untouched()
    again = rollback("--to", two_sets, "--reason", "the set of Saturday asks for trouble")
    assert (again.code, again.out.partition(":")[0]) == (0, "nothing to do")
    assert origin.commits() == 4


def test_a_later_set_does_not_replace_them_until_the_rollback_is_lifted(
    clone: Clone, origin: Origin, two_sets: str, rollback: Command
) -> None:
    assert rollback("--to", two_sets).code == 0
    clone.write(document=120, rows=["a,1", "a,2", "a,3"], models=set_of(SOUND, trained_at=THIRD))
    ended = published(clone)
    assert ended.code == 0
    assert (
        f"; the model set published there stays: it was rolled back to commit {two_sets[:10]} on {NOW:%Y-%m-%d}; "
        "lift it with `aegis rollback --lift`"
    ) in ended.out
    assert trained_at(origin) == FIRST
    assert origin.rows() == ["a,1", "a,2", "a,3"], "document and rows go on"
    assert published(clone).out.startswith("nothing published to origin/main; the model set published there stays: ")

    lifted = rollback("--lift")
    assert (lifted.code, lifted.err) == (0, "")
    assert lifted.out.startswith(f"lifted the rollback of origin/main to commit {two_sets[:10]} (set ")
    assert ROLLBACK_NAME not in origin.files()
    assert trained_at(origin) == FIRST, "lifting alone changes no model"
    assert rollback("--lift").out == "nothing to lift: origin/main is not rolled back\n"
    assert published(clone).out.endswith(": models\n")
    assert trained_at(origin) == THIRD


def test_a_publisher_that_began_before_the_rollback_does_not_undo_it(
    clone: Clone, origin: Origin, two_sets: str, rollback: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its push meets the rollback half-way: what it makes then is on top of that."""
    other = Clone.of(origin, clone.path.parent / "other")
    once = clone.path.parent / "once"
    # The first push of the publisher waits until the rollback is there.
    script = (
        f'if [ "$1" = push ] && [ ! -e {once} ]; then touch {once}; cd {other.path} && env PATH="{os.environ["PATH"]}" '
        f'{sys.executable} -m aegismatrix_engine rollback --branch main --to {two_sets} >&2; cd "$OLDPWD"; fi\n'
        'exec "$GIT" "$@"'
    )
    monkeypatch.setenv("PYTHONPATH", str(FIXTURES.parents[1]))
    monkeypatch.setenv("PATH", wrapped_git(clone.path.parent, script))
    clone.write(document=120, rows=["a,1", "a,2", "a,3"], models=set_of(SOUND, trained_at=THIRD))
    ended = published(clone)
    assert (ended.code, "it was rolled back to" in ended.out) == (0, True), ended
    assert once.exists()
    assert trained_at(origin) == FIRST
    assert marker(origin)["commit"] == two_sets


def test_a_stale_file_here_brings_no_lifted_rollback_back(
    clone: Clone, origin: Origin, two_sets: str, rollback: Command
) -> None:
    assert rollback("--to", two_sets).code == 0
    (clone.path / ROLLBACK_NAME).write_bytes(origin.read(ROLLBACK_NAME))
    assert rollback("--lift").code == 0
    clone.write(document=120, models=set_of(SOUND, trained_at=THIRD))
    assert published(clone).code == 0
    assert ROLLBACK_NAME not in origin.files()
    assert trained_at(origin) == THIRD


DAMAGED = {
    "no json": b"{",
    "empty": b"",
    "of another format": b'{"format": "aegis-rollback-9"}',
    "of the future": b'{"format": "aegis-rollback-1", "commit": "%s", "set_version": "a", "at": "2126-01-01T00:00:00Z"}'
    % (b"a" * 40),
    "a pointer": b"version https://git-lfs.github.com/spec/v1\n",
}


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_rollback_counts_as_one_that_stands_and_is_told(
    clone: Clone, origin: Origin, two_sets: str, rollback: Command, content: bytes
) -> None:
    somebody = Clone.of(origin, clone.path.parent / "somebody")
    (somebody.path / ROLLBACK_NAME).write_bytes(content)
    somebody.commit_all("a careless hand")
    clone.write(document=120, models=set_of(SOUND, trained_at=THIRD))
    ended = published(clone)
    assert ended.code == 0
    assert "the model set published there stays: rollback.json " in ended.out
    assert "which counts as a rollback: lift it with `aegis rollback --lift`" in ended.out
    assert trained_at(origin) == SECOND
    assert rollback("--lift").code == 0
    assert published(clone).code == 0
    assert trained_at(origin) == THIRD


@pytest.mark.parametrize("kind", ["link", "folder"])
def test_what_is_no_plain_file_counts_as_a_rollback_too_and_is_lifted_whole(
    clone: Clone, origin: Origin, two_sets: str, rollback: Command, kind: str
) -> None:
    somebody = Clone.of(origin, clone.path.parent / "somebody")
    if kind == "link":
        (somebody.path / ROLLBACK_NAME).symlink_to("README")
    else:
        (somebody.path / ROLLBACK_NAME).mkdir()
        (somebody.path / ROLLBACK_NAME / "file").write_bytes(b"1")
    somebody.commit_all("a careless hand")
    clone.write(document=120, models=set_of(SOUND, trained_at=THIRD))
    assert "rollback.json is not a plain file, which counts as a rollback" in published(clone).out
    assert trained_at(origin) == SECOND
    assert rollback("--to", two_sets).code == 0
    assert marker(origin)["commit"] == two_sets
    assert rollback("--lift").code == 0
    assert not any(path.startswith(ROLLBACK_NAME) for path in origin.files())


def test_a_set_that_fails_the_audit_is_refused_and_taken_by_force(
    clone: Clone, origin: Origin, two_sets: str, rollback: Command
) -> None:
    name = next(path for path in origin.files() if path.startswith("models/trap-"))
    somebody = Clone.of(origin, clone.path.parent / "somebody")
    (somebody.path / name).write_bytes(b"nothing of the kind")
    somebody.commit_all("damage")
    broken = origin.tip()
    refused(rollback("--to", broken), 78, broken[:10], "does not pass the audit here: trap: corrupt", "--force")
    refused(rollback("--to", two_sets, "--market", "sp500"), 78, "it was trained for another market than sp500")
    assert origin.tip() == broken
    ended = rollback("--to", broken, "--force")
    assert ended.code == 0
    assert "warning: the set does not pass the audit here: trap: corrupt" in ended.err
    assert marker(origin)["commit"] == broken


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        ([], 2, "give either --to COMMIT or --lift"),
        (["--to", "abcd", "--lift"], 2, "give either --to COMMIT or --lift"),
        (["--to", "main~1"], 2, "invalid --to 'main~1': expected a commit's id, 4 to 64 hexadecimal digits"),
        (["--to", "-q"], 2, "expected a commit's id"),
        (["--to", "0123456789"], 2, "invalid --to 0123456789: not a commit of origin/main; `git log "),
        (["--lift", "--branch", "nowhere"], 65, "there is no branch origin/nowhere"),
        (["--to", "0123456789", "--branch", "nowhere"], 65, "there is no branch origin/nowhere"),
        (
            ["--to", "abcd", "--reason", "two\nlines"],
            2,
            "invalid --reason 'two\\nlines': expected one line of 1 to 200 characters",
        ),
    ],
)
def test_what_cannot_be_done_is_refused_in_one_line(
    origin: Origin, two_sets: str, rollback: Command, arguments: list[str], code: int, told: str
) -> None:
    tip = origin.tip()
    refused(rollback(*arguments), code, told)
    assert origin.tip() == tip


def test_a_commit_of_another_branch_or_without_a_set_is_refused(
    clone: Clone, origin: Origin, two_sets: str, rollback: Command
) -> None:
    seed = git(origin.path, "rev-list", "--max-parents=0", "main")
    refused(rollback("--to", seed), 65, f"commit {seed[:10]} of origin/main holds no model set in models")
    git(clone.path, "-c", "user.name=o", "-c", "user.email=o@localhost", "commit", "-q", "--allow-empty", "-m", "mine")
    refused(rollback("--to", git(clone.path, "rev-parse", "HEAD")), 2, "not a commit of origin/main")


def test_a_clock_set_by_hand_is_no_date_for_a_rollback(
    two_sets: str, rollback: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AEGIS_NOW", "2026-06-30T18:00+05:30")
    refused(rollback("--to", two_sets), 2, "AEGIS_NOW is set, and aegis rollback uses the machine's own clock")


def test_a_shallow_clone_can_roll_back(
    clone: Clone, origin: Origin, two_sets: str, rollback: Command, tmp_path: Path
) -> None:
    git(tmp_path, "clone", "--quiet", "--depth=1", origin.path.as_uri(), "shallow")
    assert rollback("--to", two_sets, at=Clone(tmp_path / "shallow")).code == 0
    assert trained_at(origin) == FIRST


def test_restoring_brings_the_rollback_and_takes_a_lifted_one_away(
    clone: Clone, origin: Origin, two_sets: str, rollback: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def restored() -> None:
        monkeypatch.chdir(clone.path)
        with pytest.raises(SystemExit) as ended:
            main(["restore", "--branch", "main", "--quiet"])
        assert ended.value.code == 0

    here = clone.path / ROLLBACK_NAME
    assert rollback("--to", two_sets).code == 0
    restored()
    assert here.read_bytes() == origin.read(ROLLBACK_NAME)
    somebody = Clone.of(origin, clone.path.parent / "somebody")
    (somebody.path / ROLLBACK_NAME).unlink()
    (somebody.path / ROLLBACK_NAME).symlink_to("README")
    somebody.commit_all("a careless hand")
    restored()
    assert here.read_bytes() == b"", "what cannot be restored is there all the same"
    assert rollback("--lift").code == 0
    restored()
    assert not here.exists()


def test_without_a_published_set_there_is_nothing_to_hold(clone: Clone, origin: Origin, two_sets: str) -> None:
    somebody = Clone.of(origin, clone.path.parent / "somebody")
    shutil.rmtree(somebody.path / "models")
    (somebody.path / ROLLBACK_NAME).write_bytes(b"{")
    somebody.commit_all("a careless hand")
    clone.write(document=document(120), models=set_of(SOUND, trained_at=THIRD))
    assert published(clone).code == 0
    assert trained_at(origin) == THIRD
