"""The command line with yfinance pointed at the loopback server whose address AEGIS_TEST_YAHOO holds."""

import os
import sys
import warnings

from yahoo_server import ADDRESS_VARIABLE, pointed_at

from aegismatrix_engine.cli import main

if __name__ == "__main__":
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import yfinance  # noqa: F401
    with pointed_at(os.environ[ADDRESS_VARIABLE]):
        main(sys.argv[1:])
