"""A Dask worker that has another version of something: NAME=VERSION, then the arguments of `dask worker`."""

import importlib.metadata
import platform
import sys
from typing import NamedTuple

from distributed.cli.dask_worker import main


class Version(NamedTuple):
    """As sys.version_info has it."""

    major: int
    minor: int
    micro: int
    releaselevel: str = "final"
    serial: int = 0


class Missing:
    """Finds no module of a package, whatever is installed."""

    def __init__(self, package: str) -> None:
        self._package = package

    def find_spec(self, name: str, *_: object) -> None:
        if name.partition(".")[0] == self._package:
            raise ModuleNotFoundError(f"No module named {name!r}")


if __name__ == "__main__":
    name, _, version = sys.argv.pop(1).partition("=")
    if name == "missing":
        sys.meta_path.insert(0, Missing(version))  # type: ignore[arg-type]
    elif name == "engine":
        import aegismatrix_engine

        aegismatrix_engine.__version__ = version
    elif name == "python":
        major, minor, micro = map(int, version.split("."))
        sys.version_info = Version(major, minor, micro)  # type: ignore[assignment]
        platform.python_version = lambda: version
    else:
        real = importlib.metadata.version
        importlib.metadata.version = lambda package: version if package == name else real(package)
    main()
