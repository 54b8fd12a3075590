"""Imported by Python as it starts: a worker, of loky or of Dask, kills itself when it is to make blocks of a market."""

import os
import signal
import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

NAME = "aegismatrix_engine.backtest.walk"


class Finder(MetaPathFinder):
    """Finds the module that makes blocks, and puts the end of the process into it."""

    def find_spec(self, name: str, path: Any, target: ModuleType | None = None) -> ModuleSpec | None:
        if name != NAME:
            return None
        spec = PathFinder.find_spec(name, path)
        assert spec is not None
        assert spec.loader is not None
        execute = spec.loader.exec_module

        def exec_module(module: ModuleType) -> None:
            execute(module)
            make_blocks = module.make_blocks

            def ended_or_made(walk: Any, *arguments: Any) -> Any:
                if walk.history.market.id == os.environ["ENDS_IN_WORK"]:
                    os.kill(os.getpid(), signal.SIGKILL)
                return make_blocks(walk, *arguments)

            module.make_blocks = ended_or_made  # type: ignore[attr-defined]

        spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec


if any("loky" in argument or "dask_worker" in argument for argument in sys.orig_argv):
    sys.meta_path.insert(0, Finder())
