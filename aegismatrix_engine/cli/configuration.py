"""``aegis.toml``: options that hold wherever neither the command line nor the environment sets them."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import click

from aegismatrix_engine.files import stand_in
from aegismatrix_engine.state.plain_file import DOCUMENT_LIMIT, FileFault, read_plain_file

FILE_NAME = "aegis.toml"
SHOWN = 60
"""Characters of a value from the file that a message repeats."""


class Setting(NamedTuple):
    """A value of the file, and the table that holds it, as messages name it."""

    value: Any
    place: str


def configured(group: click.Group, file: Path | None) -> dict[str, Any]:
    """The options that a file sets, as click's ``default_map`` for the commands of a group.

    Args:
        group: the commands that the file may have options for; every table and key of it is checked.
        file: the file that was named; None for ``aegis.toml`` in the working directory, if it is there.

    Raises:
        click.UsageError: in one line, the file, the key, what was expected and how to fix it.
    """
    path = Path(FILE_NAME) if file is None else file
    # A broken link is an error, not an absent file.
    if file is None and not path.exists() and not path.is_symlink():
        return {}
    return _group_defaults(group, _table(path), {}, click.format_filename(path), ())


def options(command: click.Command) -> dict[str, click.Option]:
    """The options of a command that a file may set, by their names without dashes."""
    found = (option for option in command.params if isinstance(option, click.Option) and option.envvar)
    return {option.opts[0].lstrip("-"): option for option in found}


def _table(path: Path) -> dict[str, Any]:
    import tomllib

    name = click.format_filename(path)
    try:
        content = read_plain_file(path, DOCUMENT_LIMIT, follow_links=True)
        instead = stand_in(content)
        if instead is not None:
            raise click.UsageError(f"{name}: the file of options {instead}")
        # Some editors put a byte order mark before the first line.
        return tomllib.loads(content.decode("utf-8-sig"))
    except FileFault as fault:
        raise click.UsageError(f"{name}: the file of options {fault.reason}; name another with --config") from fault
    except UnicodeDecodeError as error:
        raise click.UsageError(f"{name}: invalid UTF-8 at byte {error.start}: expected a text file in UTF-8") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise click.UsageError(f"{name}: invalid TOML: {error}; docs/command-line.md shows a whole file") from error


def _group_defaults(
    group: click.Group, table: Mapping[str, Any], above: Mapping[str, Setting], file: str, path: tuple[str, ...]
) -> dict[str, Any]:
    place = f"{file} [{'.'.join(path)}]" if path else file
    known = {key for command in _leaves(group) for key in options(command)}
    # `record` and `run` are options as well as commands: the type of the value shows which is meant.
    commands = group.commands.keys() - known
    tables = {key: value for key, value in table.items() if isinstance(value, dict) or key in commands}
    shared = {key: Setting(value, place) for key, value in table.items() if key not in tables}
    _refuse_unknown(shared, known, place, "an option without its dashes, as docs/command-line.md lists them")
    _refuse_unknown(tables, group.commands, place, "a table named after a command")
    found = {}
    for name, command in group.commands.items():
        own, inside = tables.get(name, {}), f"{file} [{'.'.join((*path, name))}]"
        if not isinstance(own, dict):
            raise click.UsageError(f"{inside}: invalid value {_shown(own)}: expected a table of options")
        if isinstance(command, click.Group):
            found[name] = _group_defaults(command, own, {**above, **shared}, file, (*path, name))
        else:
            offered = f"one of {', '.join(sorted(options(command)))}"
            _refuse_unknown(own, options(command), inside, offered)
            settings = {**above, **shared, **{key: Setting(value, inside) for key, value in own.items()}}
            found[name] = _command_defaults(command, settings)
    return found


def _command_defaults(command: click.Command, settings: Mapping[str, Setting]) -> dict[str, Any]:
    return {
        str(option.name): _checked(option, key, settings[key])
        for key, option in options(command).items()
        if key in settings
    }


def _checked(option: click.Option, key: str, setting: Setting) -> Any:
    """The value, if the option takes it. Types are those of TOML: a number in quotes is a text."""
    value, expected = setting.value, _expected(option.type)
    if option.multiple and isinstance(value, list):
        return tuple(_checked(option, key, Setting(one, setting.place)) for one in value)
    fits = {
        "true or false": isinstance(value, bool),
        "a whole number": isinstance(value, int) and not isinstance(value, bool),
        "a number": isinstance(value, int | float) and not isinstance(value, bool),
        "text in quotes": isinstance(value, str),
    }[expected]
    where = f"{setting.place}: invalid {key} {_shown(value)}"
    if not fits:
        alone = ", alone: this command takes one" if isinstance(value, list) else ""
        raise click.UsageError(f"{where}: expected {expected}{alone}")
    try:
        option.type.convert(value, option, None)
    except click.BadParameter as error:
        raise click.UsageError(f"{where}: {error.message}") from error
    return value


def _expected(kind: "click.ParamType[Any]") -> str:
    if isinstance(kind, click.types.BoolParamType):
        return "true or false"
    if isinstance(kind, click.types.IntParamType):
        return "a whole number"
    return "a number" if isinstance(kind, click.types.FloatParamType) else "text in quotes"


def _refuse_unknown(found: Mapping[str, Any], known: Mapping[str, Any] | set[str], place: str, expected: str) -> None:
    for key in found:
        if key not in known:
            from difflib import get_close_matches

            near = get_close_matches(key, sorted(known), 1)
            hint = f"did you mean {near[0]!r}?" if near else f"expected {expected}"
            raise click.UsageError(f"{place}: unknown key {_shown(key)}: {hint}")


def _shown(value: Any) -> str:
    return (value.isoformat() if hasattr(value, "isoformat") else ascii(value))[:SHOWN]


def _leaves(group: click.Group) -> Iterator[click.Command]:
    for command in group.commands.values():
        if isinstance(command, click.Group):
            yield from _leaves(command)
        else:
            yield command
