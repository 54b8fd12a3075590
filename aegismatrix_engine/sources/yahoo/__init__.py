"""Bars from Yahoo Finance: requests within a budget, series, checks, closes."""
