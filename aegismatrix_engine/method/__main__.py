"""Write docs/method.md and both JSON Schemas beside it: ``python -m aegismatrix_engine.method docs``."""

import sys
from pathlib import Path

from aegismatrix_engine.document import json_schema
from aegismatrix_engine.method import entry_json_schema
from aegismatrix_engine.method.render import filled, render

if __name__ == "__main__":
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_dir():
        sys.exit("usage: python -m aegismatrix_engine.method FOLDER, an existing folder such as docs")
    folder = Path(sys.argv[1])
    (folder / "method.md").write_text(render(), encoding="utf-8", newline="\n")
    (folder / "aegismatrix.schema.json").write_text(json_schema.render(filled()), encoding="utf-8", newline="\n")
    entry_schema = folder / entry_json_schema.FILE_NAME
    entry_schema.write_text(entry_json_schema.render(), encoding="utf-8", newline="\n")
