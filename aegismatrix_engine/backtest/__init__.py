"""A backtest: every forecast that the engine would have made on past sessions, in files that anyone can score."""
