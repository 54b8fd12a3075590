"""The colours of the page in its dark and its light theme: the one source, from which the style sheet is filled.

Pairs that must be told apart stay apart for readers with red-green blindness, and every colour stands out from page
and tile by the contrast that its use asks for; tests/dashboard/test_palette.py computes both.
"""

from typing import Final

PALETTE: Final[dict[str, tuple[str, str]]] = {
    "page": ("#0f1418", "#f5f7f9"),
    "tile": ("#171e24", "#ffffff"),
    "line": ("#2c3741", "#d5dce2"),
    "ink": ("#e9eff3", "#152028"),
    "muted": ("#a3b1bc", "#53626e"),
    "link": ("#7cc0ff", "#0a5da8"),
    "amber": ("#f0b54a", "#8a5200"),
    "up": ("#3fc4ae", "#00766a"),
    "down": ("#ff9466", "#b5420c"),
    "grid": ("#2c3741", "#dde3e8"),
    "series-1": ("#6fb4ff", "#1f6fc4"),
    "series-2": ("#f3a63b", "#a85b00"),
    "past": ("#e585b5", "#a82f72"),
    "nominal": ("#e9eff3", "#152028"),
    "band-95": ("#4f6d88", "#7b90a3"),
    "band-90": ("#638db4", "#5b7a9b"),
    "band-80": ("#81b1dc", "#3c628b"),
    "band-50": ("#b6d9f8", "#1c4273"),
}
"""Name of the CSS property, without its two dashes -> its value in the dark and in the light theme.

``page`` and ``tile`` are backgrounds and ``line`` their borders; ``ink``, ``muted``, ``link``, ``amber``, ``up`` and
``down`` are for text as well as for shapes; ``grid`` is faint on purpose. A band is the paler, the more it covers.
"""


def custom_properties(theme: int) -> str:
    """The palette as CSS declarations, such as ``--ink:#e9eff3;``.

    Args:
        theme: 0 for dark, 1 for light.
    """
    return "".join(f"--{name}:{values[theme]};" for name, values in PALETTE.items())
