"""The whole job on the sample history: train, make a document, validate it."""

import pandas as pd

from aegismatrix_engine.document import check_json
from aegismatrix_engine.inference.infer import MadeDocument
from aegismatrix_engine.jobs.bars import BarsRequest
from aegismatrix_engine.jobs.make_document import make_document
from aegismatrix_engine.jobs.train import Trained, train
from aegismatrix_engine.markets import get_market
from aegismatrix_engine.sources.sample import Sample
from aegismatrix_engine.training.walk_forward import Progress


def demo(now: pd.Timestamp, progress: Progress = iter) -> tuple[Trained, MadeDocument]:
    """Train on the sample history and make the document of its end, in memory and a temporary folder.

    Raises:
        SourceUnavailable: the package with the sample is not installed.
        OutputUnwritable: no temporary folder can be made.
    """
    history = BarsRequest(get_market("sp500"), Sample()).read(now, intraday=False)
    models = train(history, now, progress=progress)
    made = make_document(history, models, now)
    check_json(made.content)
    return Trained(models, history.notes), made
