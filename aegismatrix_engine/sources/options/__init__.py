"""Option chains from files: NSE's chain as JSON in both layouts, and its file of a day's derivatives in both.

A file is plain, gzip or a zip with one file in it. Nothing of a chain is ever published or copied into the record.
"""

from aegismatrix_engine.sources.options.files import newest_of, read_chain, read_options
from aegismatrix_engine.sources.options.leg_rows import LegRows, chain_of
from aegismatrix_engine.sources.options.supply import PATIENCE, read_options_of

__all__ = ["PATIENCE", "LegRows", "chain_of", "newest_of", "read_chain", "read_options", "read_options_of"]
