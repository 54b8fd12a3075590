"""A reader of the published file sees the old one or the new one, whole."""

import errno
import os
import random
import signal
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from aegismatrix_engine.errors import OutputUnwritable
from aegismatrix_engine.files import write_atomically

ROOT = Path(__file__).resolve().parents[1]
WRITER = """
import itertools, sys
from pathlib import Path
from aegismatrix_engine.files import write_atomically
path = Path(sys.argv[1])
for turn in itertools.count():
    write_atomically(path, bytes([turn % 256]) * 1_000_000)
    print(turn, flush=True)
"""


def leftovers(folder: Path, target: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path != target]


def test_a_file_is_made_and_replaced(tmp_path: Path) -> None:
    target = tmp_path / "aegismatrix.json"
    for data in (b"one", b"", b"three" * 100_000):
        write_atomically(target, data)
        assert target.read_bytes() == data
        assert leftovers(tmp_path, target) == []


@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_the_mode_is_what_the_umask_leaves(tmp_path: Path, mask: int, mode: int) -> None:
    before = os.umask(mask)
    try:
        write_atomically(tmp_path / "out.json", b"{}")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "out.json").stat().st_mode) == mode


def test_a_link_is_followed_and_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    link = tmp_path / "latest.json"
    link.symlink_to(tmp_path / "site" / "aegismatrix.json")
    write_atomically(link, b"new")
    assert link.is_symlink()
    assert (tmp_path / "site" / "aegismatrix.json").read_bytes() == b"new"


def test_a_name_as_long_as_the_file_system_allows_is_written(tmp_path: Path) -> None:
    target = tmp_path / ("n" * 255)
    write_atomically(target, b"{}")
    assert target.read_bytes() == b"{}"


def refused(path: Path, data: bytes = b"{}") -> str:
    with pytest.raises(OutputUnwritable) as refusal:
        write_atomically(path, data)
    message = str(refusal.value)
    assert "\n" not in message
    return message


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    assert "it is a folder" in refused(tmp_path)
    assert leftovers(tmp_path, tmp_path) == []


def test_a_missing_folder_is_not_made(tmp_path: Path) -> None:
    assert "no such file or directory" in refused(tmp_path / "missing" / "out.json")
    assert leftovers(tmp_path, tmp_path) == []


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"old")
    assert "not a directory" in refused(tmp_path / "file" / "out.json")


def test_names_no_file_can_have_are_refused(tmp_path: Path) -> None:
    assert "null" in refused(Path(f"{tmp_path}/out\0.json"))
    assert "too long" in refused(tmp_path / ("n" * 256))
    assert leftovers(tmp_path, tmp_path) == []
    assert "out\\n.json" in refused(tmp_path / "missing" / "out\n.json")


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="needs a folder in which not even root can make files")
def test_a_folder_that_cannot_be_written_is_refused() -> None:
    assert "cannot write '/proc/out.json'" in refused(Path("/proc/out.json"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write into a read-only folder")
def test_a_read_only_folder_keeps_what_it_holds(tmp_path: Path) -> None:
    target = tmp_path / "out.json"
    target.write_bytes(b"old")
    tmp_path.chmod(0o555)
    try:
        assert "permission denied" in refused(target)
    finally:
        tmp_path.chmod(0o755)
    assert target.read_bytes() == b"old"


FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from aegismatrix_engine.errors import OutputUnwritable
from aegismatrix_engine.files import write_atomically
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
try:
    write_atomically(Path(sys.argv[1]), b"n" * 1_000_000)
except OutputUnwritable as error:
    print(error)
"""


def test_a_write_that_stops_half_way_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    pytest.importorskip("resource", reason="needs a limit on the size of files")
    target = tmp_path / "out.json"
    target.write_bytes(b"old")
    command = [sys.executable, "-c", FULL_DISK, str(target)]
    printed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout
    assert os.strerror(errno.EFBIG).lower() in printed
    assert target.read_bytes() == b"old"
    assert leftovers(tmp_path, target) == []


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs kill -9")
def test_a_writer_killed_at_any_moment_leaves_a_whole_file(tmp_path: Path) -> None:
    chance = random.Random(5)
    target = tmp_path / "out.json"
    for _ in range(8):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(target)], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        assert writer.stdout is not None
        with writer.stdout:
            assert writer.stdout.readline() == "0\n"
            time.sleep(chance.uniform(0, 0.05))
            writer.kill()
            done = [int(line) for line in writer.stdout if line.endswith("\n")]
        assert writer.wait() == -signal.SIGKILL
        data = target.read_bytes()
        assert len(data) == 1_000_000
        assert data == data[:1] * len(data)
        last = max(done, default=0)
        assert data[0] in (last % 256, (last + 1) % 256)


def test_a_reader_beside_the_writer_never_sees_half_a_file(tmp_path: Path) -> None:
    target = tmp_path / "out.json"
    write_atomically(target, b"\0" * 300_000)
    seen: list[bytes] = []
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            seen.append(target.read_bytes())

    reader = threading.Thread(target=read)
    reader.start()
    for turn in range(1, 40):
        write_atomically(target, bytes([turn]) * 300_000)
    stop.set()
    reader.join()
    assert seen
    assert all(data == data[:1] * 300_000 for data in seen)
