"""The six charts of the page, each as one SVG text. Numbers stand in the page's tables; pictures carry shapes."""

from aegismatrix_engine.dashboard.level_charts import breach_curves, fan, range_ladder
from aegismatrix_engine.dashboard.probability_charts import direction_bars, reliability, window_shares

__all__ = ["breach_curves", "direction_bars", "fan", "range_ladder", "reliability", "window_shares"]
