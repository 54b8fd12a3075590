"""The picture at the top of the README: what ``aegis infer`` prints on a terminal, of docs/example.json.

    python -m benchmarks.summary_picture

Writes docs/summary.svg. A test compares the text in the picture with the summary of today's engine.
"""

import io
import os
import re
from pathlib import Path

from rich.console import Console
from rich.text import Text

DOCS = Path(__file__).resolve().parents[1] / "docs"
PICTURE, EXAMPLE = DOCS / "summary.svg", DOCS / "example.json"
COLUMNS = 100
TERMINAL = {"FORCE_COLOR": "1", "TERM": "xterm-256color", "COLUMNS": str(COLUMNS)}
# A picture in a README may load nothing; the reader's own monospaced font serves.
FONT = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)


def shown() -> str:
    """The summary of the example document as a terminal gets it, with its control sequences."""
    os.environ.pop("NO_COLOR", None)
    os.environ.update(TERMINAL)
    from aegismatrix_engine.cli.terminal import summary
    from aegismatrix_engine.document import check_json

    return summary(check_json(EXAMPLE.read_text(encoding="utf-8")), written_to=Path("aegismatrix.json"))


def picture(text: str) -> str:
    """A terminal's text as an SVG."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    console.print(Text.from_ansi(text), end="")
    drawn = FONT.sub("", console.export_svg(title="aegis infer", unique_id="summary"))
    return "\n".join(line.rstrip() for line in drawn.replace("Fira Code, monospace", "monospace").splitlines()) + "\n"


if __name__ == "__main__":
    PICTURE.write_text(picture(shown()), encoding="utf-8")
