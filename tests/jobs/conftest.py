"""The remote that a run publishes to is that of the tests of publishing."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "publishing"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "document"))
