"""Where a publisher's files lie: in the folder it runs in, and in the repository."""

import os
from itertools import permutations
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from aegismatrix_engine.errors import ConfigurationError
from aegismatrix_engine.publishing.own_paths import OwnPaths
from aegismatrix_engine.state.beside import LAST_VALUES_NAME, ROLLBACK_NAME
from aegismatrix_engine.state.market_index import INDEX_NAME, indexed_ids


class OwnPlaces(NamedTuple):
    """The places of a publisher's files in the repository: three files and two folders, none within another.

    A rollback is never published from here, only read.
    """

    document: PurePosixPath
    last_values: PurePosixPath
    record: PurePosixPath
    models: PurePosixPath
    rollback: PurePosixPath

    @property
    def market_index(self) -> PurePosixPath:
        """The index of several markets, beside the first one's document."""
        return self.document.parent / INDEX_NAME

    def of_another(self, market: str) -> "OwnPlaces":
        """The places of another market of several, the first of which has these."""
        folder = self.document.parent / market
        return OwnPlaces(
            folder / self.document.name,
            folder / self.last_values.name,
            self.record / market,
            self.models / market,
            folder / self.rollback.name,
        )

    def of_others(self, index: bytes) -> "dict[str, OwnPlaces]":
        """Id -> places of all markets but the first of an index; none whose folder would hold the record or a set."""
        taken = (self.record, self.models)
        return {
            market: self.of_another(market)
            for market in indexed_ids(index)[1:]
            if not any(one.is_relative_to(self.document.parent / market) for one in taken)
        }

    def holds_model(self, path: str) -> bool:
        """Whether a file is one of the model set: deeper folders hold the sets of other markets."""
        return PurePosixPath(path).parent == self.models


def own_places(root: Path, folder: Path, paths: OwnPaths) -> OwnPlaces:
    """The places below the work tree ``root`` of the files of a publisher that runs in ``folder``.

    Raises:
        ConfigurationError: a path lies outside the work tree, or in another.
    """
    places = {
        "--output": paths.document,
        f"{LAST_VALUES_NAME} beside --output": paths.document.parent / LAST_VALUES_NAME,
        "--record": paths.record,
        "--models": paths.models,
        f"{ROLLBACK_NAME} beside --output": paths.document.parent / ROLLBACK_NAME,
    }
    inside = {name: place_inside(root, folder, path, name, of_file="--output" in name) for name, path in places.items()}
    for (name, path), (other, around) in permutations(inside.items(), 2):
        if path.is_relative_to(around):
            raise ConfigurationError(f"{name} ({path}) is inside {other} ({around}); give each a place of its own")
    return OwnPlaces(*inside.values())


def place_inside(root: Path, folder: Path, path: Path, name: str, *, of_file: bool = False) -> PurePosixPath:
    """A path inside the work tree as git knows it, links followed.

    Args:
        root: top of the work tree.
        folder: where relative paths begin.
        path: the place.
        name: of the option, for messages.
        of_file: whether it is a file, which itself is not followed if it is a link.

    Raises:
        ConfigurationError: it is outside of the work tree or all of it, or a link to a folder that does not exist.
    """
    top, at = Path(os.path.realpath(root)), folder / path
    if not of_file and at.is_symlink() and not at.exists():
        raise ConfigurationError(
            f"{name} ({path}) is a link to a folder that does not exist; remove it, or make that folder"
        )
    way = of_file and at.name not in ("", "..")
    real = Path(os.path.realpath(at.parent)) / at.name if way else Path(os.path.realpath(at))
    if real == top or not real.is_relative_to(top) or ".git" in real.relative_to(top).parts:
        raise ConfigurationError(f"invalid {name} ({path}): expected a path inside the work tree {root}")
    return PurePosixPath(real.relative_to(top))
