"""How words of ``health`` and ``reasons`` were changed since the documents of before were made."""

import re

WORDS: list[tuple[str, str]] = [
    # history and record
    (r": rows stood out of date order and were sorted \(", ": rows out of date order were sorted ("),
    (r"and bars show one: taken for a special session\.", "and bars show one: used as a special session."),
    (r"lie outside of the announced hours and were believed\.", "are outside of the announced hours and were used."),
    (
        r"; the row was believed and its bars, which are not whole, left out",
        "; the row was kept and its bars, which are not whole, left out",
    ),
    (
        r"; the range of its bars was believed, and the row's close",
        "; the range of its bars was used, and the row's close",
    ),
    (
        r"; the daily rows were believed and all spot bars left out",
        "; the daily rows were kept and all spot bars left out",
    ),
    (
        r"; the daily closes were believed and all its bars left out",
        "; the daily closes were kept and all its bars left out",
    ),
    (r"; the last bar was believed\.", "; the last bar was used."),
    (r"spot bars cannot be, first that of", "spot bars are impossible, first that of"),
    (r"; none of the bars was believed", "; all bars were left out"),
    (r"(There are \d+ more )bars that cannot be", r"\1impossible bars"),
    (r"(There are \d+ more )values of (.+) that cannot be", r"\1impossible values of \2"),
    (r"; they were treated alike\.", "; they were handled in the same way."),
    (
        r"^every bar of (\S+) stands at (\S+), as where a feed has stopped",
        r"every bar of \1 is unchanged at \2, as if the feed had stopped",
    ),
    (
        r"all stand at one price, as where a feed has stopped, and",
        "are all unchanged at one price, as if the feed had stopped, and",
    ),
    (
        r" more lines are at fault; `aegis record report` names them all",
        " more lines cannot be used; `aegis record report` lists them all",
    ),
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
