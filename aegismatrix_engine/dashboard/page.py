"""The page as one HTML text: style, script and pictures inside, and a policy that lets nothing else run."""

import re
from base64 import b64encode
from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from aegismatrix_engine.dashboard import record_pictures
from aegismatrix_engine.dashboard.figures import Figure
from aegismatrix_engine.dashboard.gauges import interval_scale, legend_mark, progress, tick_scale
from aegismatrix_engine.dashboard.market_links import MarketLink
from aegismatrix_engine.dashboard.palette import custom_properties
from aegismatrix_engine.dashboard.view import View
from aegismatrix_engine.record.failures import CHANCE, JUDGED_BY_EYE
from aegismatrix_engine.scores import MINIMUM_EVENTS

POLICY: Final = (
    "default-src 'none'; style-src 'sha256-{style}'; script-src 'sha256-{script}'; connect-src 'self'; img-src data:; "
    "base-uri 'none'; form-action 'none'"
)
"""The content security policy: the one style sheet and the one script by their hashes, nothing from elsewhere."""

_CODE = re.compile(r"`([^`]*)`")
_OLD: Final = {
    "up": 100,
    "down": 100,
    "series-1": 100,
    "series-2": 100,
    "band-95": 40,
    "band-90": 60,
    "band-80": 80,
    "band-50": 100,
}
"""Colours that an old page shows in grey, so that nothing of it looks like news -> per cent of the grey."""


def page(view: View, charts: dict[str, str], *, feed: bool, markets: Sequence[MarketLink] = ()) -> str:
    """The page.

    Args:
        view: what it shows.
        charts: its pictures by name, as SVG text.
        feed: whether a feed lies beside it.
        markets: links to the pages of several markets that are published together; empty for one alone.
    """
    style, script = _style(), _script()
    return (
        _environment()
        .get_template("page.html.j2")
        .render(
            view=view,
            charts={name: Markup(svg) for name, svg in charts.items()},
            style=Markup(style),
            script=Markup(script),
            policy=Markup(POLICY.format(style=_digest(style), script=_digest(script))),
            feed=feed,
            markets=markets,
            record=None if view.tabs is None else view.tabs.record,
            pictures=record_pictures,
            minimum_events=MINIMUM_EVENTS,
            by_chance=CHANCE,
            judged_by_eye=JUDGED_BY_EYE,
        )
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("aegismatrix_engine.dashboard"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_written,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["code"] = _with_code
    environment.globals |= {
        "tick_scale": _drawn(tick_scale),
        "interval_scale": _drawn(interval_scale),
        "progress": _drawn(progress),
        "legend": _drawn(legend_mark),
    }
    return environment


def _written(value: Any) -> Any:
    """A figure with its path and form, by which a test finds it; a sentence part by part; all else as it is."""
    if isinstance(value, Figure):
        return Markup('<span class="n" data-field="{}" data-form="{}">{}</span>').format(
            value.path, value.form, value.text
        )
    if isinstance(value, tuple):
        return Markup("").join(_written(part) for part in value)
    return value


def _with_code(text: str) -> Markup:
    """A text of the method, what stands between backticks set as code."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(text))))


def _drawn(gauge: Any) -> Any:
    return lambda *arguments, **options: Markup(gauge(*arguments, **options))


@cache
def _style() -> str:
    """The style sheet, with the palette of both themes."""
    dark, light = custom_properties(0), custom_properties(1)
    grey = "".join(f"--{name}:color-mix(in srgb,var(--muted) {share}%,var(--tile));" for name, share in _OLD.items())
    themes = (
        f":root{{{dark}color-scheme:dark}}"
        f"@media (prefers-color-scheme:light){{:root{{{light}color-scheme:light}}}}"
        f":root[data-theme=dark]{{{dark}color-scheme:dark}}"
        f":root[data-theme=light]{{{light}color-scheme:light}}"
        f"@media print{{:root,:root[data-theme]{{{light}color-scheme:light}}}}"
        f":root.old.js{{{grey}}}"
    )
    return themes + _source("page.css").replace("\n", "")


@cache
def _script() -> str:
    return "\n".join(line.strip() for line in _source("page.js").splitlines())


def _source(name: str) -> str:
    environment = _environment()
    assert environment.loader is not None
    return environment.loader.get_source(environment, name)[0]


def _digest(text: str) -> str:
    return b64encode(sha256(text.encode()).digest()).decode()
