"""The whole job on the sample history: train, make a document, validate it."""

from dataclasses import dataclass

import pandas as pd

from aegismatrix_engine.artifacts.manifest import Manifest
from aegismatrix_engine.document import check_json
from aegismatrix_engine.document.schema.document import Document
from aegismatrix_engine.jobs.bars import BarsRequest
from aegismatrix_engine.jobs.make_document import make_document
from aegismatrix_engine.jobs.train import train
from aegismatrix_engine.markets import get_market
from aegismatrix_engine.sources.sample import Sample
from aegismatrix_engine.training.walk_forward import Progress


@dataclass(frozen=True)
class Demo:
    """What was made.

    Attributes:
        manifest: of the set that was trained.
        notes: what is worth knowing of the bars, one line each.
        document: the document.
        content: its bytes.
    """

    manifest: Manifest
    notes: tuple[str, ...]
    document: Document
    content: bytes


def demo(now: pd.Timestamp, progress: Progress = iter) -> Demo:
    """Train on the sample history and make the document of its end, in memory and a temporary folder.

    Raises:
        SourceUnavailable: the package with the sample is not installed.
        OutputUnwritable: no temporary folder can be made.
    """
    history = BarsRequest(get_market("sp500"), Sample()).read(now, intraday=False)
    models = train(history, now, progress=progress)
    made = make_document(history, models, now)
    content = made.content
    check_json(content)
    return Demo(models.manifest, history.notes, made.document, content)
