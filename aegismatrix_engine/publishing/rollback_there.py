"""Whether a commit of the published branch holds its models in place."""

from datetime import datetime

from aegismatrix_engine.publishing.branch_history import entries_at
from aegismatrix_engine.publishing.commits import blob, sizes_at
from aegismatrix_engine.publishing.git import Git
from aegismatrix_engine.state.plain_file import DOCUMENT_LIMIT
from aegismatrix_engine.state.rollback_file import NOT_ROLLED_BACK, RollbackState, faulty, parse_rollback


def rollback_at(git: Git, commit: str | None, path: str, now: datetime) -> RollbackState:
    """What a commit says of a rollback: a link or a folder in the file's place is a fault, not an absence.

    Args:
        git: a repository that has the commit.
        commit: its id; None where nothing is published yet.
        path: of the file, on the branch.
        now: what the clock here says, with a zone.

    Raises:
        OutputUnwritable: git cannot read it.
    """
    entries = entries_at(git, commit, path) if commit else {}
    if not entries:
        return NOT_ROLLED_BACK
    entry = entries.get(path)
    if entry is None or not entry.mode.startswith("100"):
        return faulty("is no plain file")
    if sizes_at(git, str(commit), [path]).get(path, 0) > DOCUMENT_LIMIT:
        return faulty(f"has more than the {DOCUMENT_LIMIT:,} bytes allowed")
    return parse_rollback(blob(git, entry.id), now)
