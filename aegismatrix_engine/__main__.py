"""``python -m aegismatrix_engine`` is ``aegis``."""

from aegismatrix_engine.cli import main

main()
