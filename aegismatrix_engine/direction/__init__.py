"""Which way the index may go: what is forecast about it, and how little is known."""

from aegismatrix_engine.direction.loading import DirectionModels, load_models

__all__ = ["DirectionModels", "load_models"]
