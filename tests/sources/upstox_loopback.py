"""The command line with Upstox's address replaced by that of the loopback server in AEGIS_TEST_UPSTOX."""

import os
import sys

from aegismatrix_engine.cli import main
from aegismatrix_engine.sources.options import upstox

if __name__ == "__main__":
    upstox.ADDRESS = os.environ["AEGIS_TEST_UPSTOX"]  # type: ignore[misc]
    main(sys.argv[1:])
