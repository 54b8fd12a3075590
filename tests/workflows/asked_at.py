"""The asking module as ``python3 -m aegismatrix_engine.state.work_due``, at the moment that the tests' clock says."""

import os
import sys
from datetime import datetime

from aegismatrix_engine.state.work_due import main

if __name__ == "__main__":
    assert sys.argv[1:3] == ["-m", "aegismatrix_engine.state.work_due"]
    sys.exit(main(sys.argv[3:], os.environ, datetime.fromisoformat(os.environ["AEGIS_NOW"])))
