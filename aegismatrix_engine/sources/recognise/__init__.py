"""Files as people have them, recognised: exports of exchanges, brokers and libraries into the series of a csv folder.

Nothing is guessed in silence: what a file does not prove by itself is refused until the user tells it.
"""

from aegismatrix_engine.sources.recognise.file_text import FileText, file_text
from aegismatrix_engine.sources.recognise.folder import (
    SeriesRows,
    check_series,
    csv_bytes,
    merged,
    read_back,
)
from aegismatrix_engine.sources.recognise.one_file import Choices, RecognisedFile, recognise_file

__all__ = [
    "Choices",
    "FileText",
    "RecognisedFile",
    "SeriesRows",
    "check_series",
    "csv_bytes",
    "file_text",
    "merged",
    "read_back",
    "recognise_file",
]
