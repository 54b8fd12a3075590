"""The method as markdown: one template, filled from the document's fields and the constants of the code."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from fractions import Fraction
from functools import cache
from pathlib import Path
from textwrap import TextWrapper

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, pass_context
from jinja2.runtime import Context

from aegismatrix_engine.document.fields import published_fields
from aegismatrix_engine.method.constants import CONSTANTS

WIDTH = 120
TEMPLATE = "method.md.j2"
_HELD = "\x00"
_UNBROKEN = re.compile(r"`[^`]*`|[\d.]+ %")


def render(constants: Mapping[str, object] = CONSTANTS) -> str:
    """The text that docs/method.md holds."""
    fields = published_fields()
    # A block's own basis and models are a line below its fields.
    own = {path: ("basis", "models") for path, field in fields.items() if field.meaning.basis is not None}
    template = _environment().get_template(TEMPLATE)
    text = template.render(constants, fields=fields.values(), paths=fields, held_back=own)
    return _wrapped(re.sub(r"\n{3,}", "\n\n", text.replace("``", "`")))


def filled(constants: Mapping[str, object] = CONSTANTS) -> Callable[[str], str]:
    """What fills the constants in, in a text of the document's fields."""
    # Most texts name no constant, and compiling one takes longer than everything else about it.
    return lambda text: _template(text).render(constants) if "{" in text else text


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        undefined=StrictUndefined,
        finalize=_written,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "percent": lambda share: f"{100 * share:.6g} %",
        "ratio": lambda value: str(Fraction(value).limit_denominator(12)),
        "either": lambda values: _listed(values, "or"),
        "fill": _fill_in,
    }
    return environment


@pass_context
def _fill_in(context: Context, text: str) -> str:
    return _template(text).render(context.get_all())


@cache
def _template(text: str) -> Template:
    return _environment().from_string(text)


def _written(value: object) -> str:
    """As the text writes it: 0.005, 1,250, 1e-6; a duration in minutes; a collection as '1, 3 and 5'."""
    if isinstance(value, timedelta):
        return str(value.seconds // 60)
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:.10g}".replace("e-0", "e-")
    return _listed(value, "and") if isinstance(value, Iterable) and not isinstance(value, str) else str(value)


def _listed(values: Iterable[object], last: str) -> str:
    *most, final = (_written(value) for value in values)
    return f"{', '.join(most)} {last} {final}" if most else final


def _wrapped(text: str) -> str:
    """Paragraphs and list items filled to one width, headings and tables as they are."""
    lines: list[str] = []
    for line in text.splitlines():
        if line.strip() and lines and lines[-1] and not re.match(r"\s*[-|#]", line):
            lines[-1] += f" {line.strip()}"
        else:
            lines.append(line.rstrip())
    return "\n".join(line if line.startswith(("|", "#")) else _filled(line) for line in lines).strip() + "\n"


def _filled(line: str) -> str:
    """Lines of one width; code spans and numbers with their per cent sign stay in one piece."""
    lead = re.match(r" *", line)[0]  # type: ignore[index]
    below = lead + ("  " if line.lstrip().startswith("- ") else "")
    whole = _UNBROKEN.sub(lambda found: found[0].replace(" ", _HELD), line.strip())
    broken = TextWrapper(
        WIDTH, initial_indent=lead, subsequent_indent=below, break_long_words=False, break_on_hyphens=False
    )
    return broken.fill(whole).replace(_HELD, " ")
