"""The record: every forecast as it was made, what came of it, and what the forecasts were worth."""
