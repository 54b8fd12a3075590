"""What the pages' commands are run on is made by the tests of other rooms."""

import sys
from pathlib import Path

for room in ("publishing", "document", "record"):
    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / room))
