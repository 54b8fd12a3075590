"""How words of ``health`` and ``reasons`` were changed since the documents of before were made."""

import re

WORDS: list[tuple[str, str]] = [
    # inference/ and signals/
    (r"^(no bar of \S+ since (\S+)); the document speaks from then$", r"\1; the forecast uses data up to \2 only"),
    (r"; climatology stands in$", "; shows the historical average instead"),
    (r"; the base rate stands in\b", "; shows the base rate instead"),
    (r"; the nominal rate stands in$", "; shows the nominal rate instead"),
    (r" is not known at the origin\b", " is not known at the time of the forecast"),
    (r" is known from bars of this session alone\b", " is known from bars of this session only"),
    (r" is not live; it stands as of (\S+)$", r" is not live; its value of \1 is used"),
    (
        r" are missing and taken for average ones$",
        " are missing; their variance is taken to be the average of the others",
    ),
    (
        r"^inside a session, shares, weights and shapes are the prior that ships, fitted on (.*); the history has too "
        "few sessions of bars to learn them from$",
        r"the forecast inside the session uses the prior that ships with the engine, fitted on \1, because the history "
        "has too few sessions of bars to learn from",
    ),
    (
        r"^buyer\.gamma_windows: prior, (.*); no intraday history to train on$",
        r"buyer.gamma_windows shows the prior, \1, because there is no intraday history to train on",
    ),
    (r" stands above (\S+) of the last year, realised", r" is above \1 of its values of the last year, realised"),
    (r" volatility stands above (\S+) of the last year$", r" volatility is above \1 of its values of the last year"),
    # forecasting/ and artifacts/
    (r" answers its probes otherwise than when it was trained\b", " answers its probes differently than in training"),
    (r", fails when asked, ", ", fails on its probes, "),
    (r" days ago, 100 are allowed\b", " days ago, at most 100 are allowed"),
    (r" is not what its manifest vouches for\b", " does not match the SHA-256 in its manifest"),
]
"""Pairs of a regular expression and its replacement, applied in this order to the words of before; a plain sentence is
written with ``re.escape`` where it holds a dot, bracket or plus sign that matters. Groups are allowed: (r"(\\d+) bars",
r"\\1 quarter hours")."""


def said_now(text: str) -> str:
    """What the engine is to say today where it said ``text`` before."""
    for old, new in WORDS:
        text = re.sub(old, new, text)
    return text
