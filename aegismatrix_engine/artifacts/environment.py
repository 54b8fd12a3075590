"""The libraries a set was trained with, against those that are here now."""

import platform
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version

LIBRARIES = ("numpy", "scipy", "scikit-learn", "pandas", "joblib")


def environment() -> dict[str, str]:
    """Versions of Python and of every library a model could depend on, and the platform."""
    return {
        "python": platform.python_version(),
        **{name: library_version(name) for name in LIBRARIES},
        "platform": f"{platform.system()} {platform.machine()}",
    }


def environment_changes(then: Mapping[str, str]) -> tuple[str, ...]:
    """What is of another version now, one phrase each: a warning as long as the probes agree."""
    now = environment()
    return tuple(
        f"{name} {now[name]}, trained with {then.get(name, 'nothing')}" for name in now if now[name] != then.get(name)
    )


@cache
def library_version(name: str) -> str:
    """The version of an installed library; 'absent' where it is not installed."""
    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"
