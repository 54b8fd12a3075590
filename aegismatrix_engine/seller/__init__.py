"""Signals for sellers of options: ranges, breaches, the volatility trap and the stress before an expiry."""
