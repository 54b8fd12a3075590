"""The whole method as markdown."""

import re
from textwrap import fill

from aegismatrix_engine.method import (
    buyer,
    direction,
    expiry,
    forecast_core,
    market,
    measurement,
    notation,
    record,
    seller,
    session,
    standing,
)
from aegismatrix_engine.method.document_fields import document_fields
from aegismatrix_engine.method.entry import Entry, Formula, table

WIDTH = 120
_HELD = "\x00"
_UNBROKEN = re.compile(r"`[^`]*`|[\d.]+ %")

PARTS: tuple[tuple[str, tuple[Entry, ...]], ...] = (
    ("The document and the market", market.ENTRIES),
    ("Direction", direction.ENTRIES),
    ("Seller", (*seller.ENTRIES, *expiry.ENTRIES)),
    ("Buyer", buyer.ENTRIES),
    ("Forecast", standing.FORECAST),
    ("Health, provenance and track record", (*standing.STANDING, *record.ENTRIES)),
)
ENTRIES: tuple[Entry, ...] = tuple(entry for _, entries in PARTS for entry in entries)

_OPENING = """# Method

What each field of `aegismatrix.json` means, how it is computed, in which unit, where its words change, and what it does
not say. Made by `python -m aegismatrix_engine.method` from the package; the numbers in it are the code's constants.
Do not edit it by hand. Why things are as they are stands in [decisions.md](decisions.md), the document's shape in
[document.md](document.md)."""


def render() -> str:
    """The text that docs/method.md holds."""
    blocks = [_reflowed(_OPENING)]
    for title, text in _sections():
        blocks.append(f"## {title}\n\n{_reflowed(text)}")
    blocks.append(f"## Fields\n\n{_reflowed(_FIELDS)}")
    for title, entries in PARTS:
        blocks.append(f"## {title}")
        blocks.extend(_entry(entry) for entry in entries)
    return "\n\n".join(blocks) + "\n"


_FIELDS = """Each block below has its event and moment, its fields, the basis it may carry, the models it may declare,
and what it does not say. A field reads: name, type, unit; its meaning; then its formula. `[]` is every item of a
list, `*` each of t1, t3, t5, t10, t20 and t40. A field that may be absent says so; no field is ever null."""


def _sections() -> tuple[tuple[str, str], ...]:
    return (
        ("How to read it", f"{notation.READING}\n\n{notation.bases()}\n\n{notation.symbols()}"),
        ("Labels at a glance", _glance()),
        ("Forecast core: range variance", forecast_core.RANGE_VARIANCE),
        ("Forecast core: features", forecast_core.features()),
        ("Forecast core: scale", forecast_core.SCALE),
        ("Forecast core: shape and touch", forecast_core.SHAPE),
        ("Forecast core: coherence", forecast_core.COHERENCE),
        ("Forecast core: event heads", forecast_core.events()),
        ("Forecast core: conformal intervals", forecast_core.CONFORMAL),
        ("Inside a session", session.inside()),
        ("Inside a session: breakout", session.BREAKOUT),
        ("The US night", session.NIGHT),
        ("Expiries", measurement.expiries()),
        ("Walk-forward", measurement.WALK),
        ("Hit rates and skill", measurement.RATES),
        ("Label cuts", measurement.CUTS),
        ("The direction gate", measurement.GATE),
        ("Without the volatility index", measurement.without_vix()),
        ("Without a healthy model", measurement.without_model()),
        ("Frozen signals", measurement.FROZEN),
        ("Priors in use", measurement.priors()),
    )


def _glance() -> str:
    """Every field with a word for its number, and where the word changes."""
    rows = [
        (f"`{path}`", formula.text, formula.cut)
        for entry in ENTRIES
        for path, formula in zip(entry.covers(), entry.fields, strict=True)
        if formula.cut and document_fields()[path].kind.startswith("one of")
    ]
    return table(("field", "from", "words and cut-offs"), rows)


def _entry(entry: Entry) -> str:
    fields = document_fields()
    lines = [f"### {entry.title}", ""]
    meaning = "" if entry.apart or not entry.path else fields[entry.path].meaning.replace("``", "`")
    lines += [_filled(f"{meaning} {entry.about}".strip()), ""]
    for path, formula in zip(entry.covers(), entry.fields, strict=True):
        lines += _field(path, formula)
    if entry.fields:
        lines.append("")
    if entry.basis:
        lines += [_filled(_origin(entry)), ""]
    lines.append(_filled(f"**Does not say:** {entry.silent[0].lower()}{entry.silent[1:]}"))
    return "\n".join(lines)


def _origin(entry: Entry) -> str:
    cases = "; ".join(f"`{basis}` ({case})" for basis, case in entry.basis)
    if f"{entry.path}.models" not in document_fields():
        return f"Basis: {cases}."
    models = ", ".join(f"`{model}`" for model in entry.models) or "none"
    return f"Basis: {cases}. Models: {models}."


def _field(path: str, formula: Formula) -> list[str]:
    found = document_fields()[path]
    kind = ", ".join(part for part in (found.kind, formula.unit, "may be absent" if found.optional else "") if part)
    meaning = found.meaning.replace("``", "`")
    lines = [_filled(f"- **{formula.name}** ({kind}). {meaning}", "  ")]
    if formula.text:
        lines.append(_filled(f"  - Formula: {formula.text}.".replace("..", "."), "    "))
    if formula.cut:
        lines.append(_filled(f"  - Cut-offs: {formula.cut}.".replace("..", "."), "    "))
    return lines


def _filled(text: str, indent: str = "") -> str:
    """Lines of one width; code spans and numbers with their per cent sign stay in one piece."""
    lead = text[: len(text) - len(text.lstrip())]
    whole = _UNBROKEN.sub(lambda found: found[0].replace(" ", _HELD), text.strip())
    lines = fill(
        whole, WIDTH, initial_indent=lead, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
    return lines.replace(_HELD, " ")


def _reflowed(text: str) -> str:
    """Paragraphs and list items filled to one width, tables as they are."""
    return "\n\n".join(_block(block) for block in text.split("\n\n"))


def _block(block: str) -> str:
    if block.startswith("|"):
        return block
    if not block.startswith("- "):
        return _filled(" ".join(block.split()))
    items = (" ".join(item.split()) for item in f"\n{block}".split("\n- ")[1:])
    return "\n".join(_filled(f"- {item}", "  ") for item in items)
