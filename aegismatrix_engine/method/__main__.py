"""Print the method as the markdown that docs/method.md holds: ``python -m aegismatrix_engine.method``."""

import sys

from aegismatrix_engine.method.render import render

if __name__ == "__main__":
    sys.stdout.write(render())
