"""Signals for buyers of options: breakouts, their side, the windows of the day and the price of time."""
