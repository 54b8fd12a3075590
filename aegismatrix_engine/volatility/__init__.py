"""How far the index may move: realised variance, its forecast and the distribution of returns built on it."""
