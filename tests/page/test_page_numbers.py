"""Every number that the page marks is the document's or the record's at its rounding, and numbers are marked."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest
from option_chains import Chain, bhavcopy, whole_chain
from page_text import PageText
from recorded_values import RecordedValues
from shown_numbers import fault, value_at
from sites import built, record, site
from states import STATES, dumped, known, made, market, priced, state

# One process trains the sets, builds the sites and starts the browser that the tests of the page look at.
pytestmark = pytest.mark.xdist_group("page")

ZONES = {"nifty50": "IST", "sp500": "EDT"}
MOMENTS = 25
MEASUREMENT = re.compile(r"\d[\d,]*\.\d|\d,\d|\d+ ?%")
CONFIDENCE = re.compile(r"\b(50|80|90|95) %|\b\d0?\N{EN DASH}\d+ %")
LEARNT = "2019-06-14"


def faults(page: bytes, document: dict[str, Any], beside: str) -> list[str]:
    """Marked numbers of a page that are not what stands in the document or the record, one line each."""
    name, recorded, found = document["market_id"], RecordedValues(record(beside), document), []
    for one in PageText(page).numbers:
        if one.path.startswith("record:"):
            value = recorded.value(one.path.removeprefix("record:"))
        else:
            value = value_at(document, one.path)
        wrong = fault(one.form, one.text, value, indian=name == "nifty50", zone=ZONES[name])
        if wrong:
            found.append(f"{one.path} as {one.form}: {one.text!r}: {wrong}")
    return found


def moments(name: str, where: str) -> list[str]:
    """Closes of the last sessions, or a moment of each, every one at another time of the day."""
    sessions = market(name).spot.index[-MOMENTS:]
    if where == "at closes":
        return [f"{day:%Y-%m-%d}" for day in sessions]
    opens = [market(name).market.calendar.opens_at(day) for day in sessions]
    return [f"{at + pd.Timedelta(minutes=15 * (1 + k % 24) + 3):%Y-%m-%d %H:%M}" for k, at in enumerate(opens)]


@pytest.mark.slow
@pytest.mark.parametrize("where", ["at closes", "in session"])
@pytest.mark.parametrize("name", ["nifty50", "sp500"])
def test_every_number_is_the_documents_at_its_rounding(name: str, where: str) -> None:
    when, seen, wrong = moments(name, where), 0, []
    beside = "young" if (name, where) == ("nifty50", "in session") else "none"
    for moment in when:
        document = made(known(name, moment), LEARNT, name=name)
        page = built(dumped(document), beside)["index.html"]
        seen += len(PageText(page).numbers)
        wrong += [f"{moment}: {one}" for one in faults(page, json.loads(dumped(document)), beside)]
    assert wrong == []
    assert seen > 100 * len(when)


@pytest.mark.slow
@pytest.mark.parametrize(("where", "chain"), [("at closes", bhavcopy), ("in session", whole_chain)])
def test_every_number_beside_a_chain_is_the_documents_at_its_rounding(where: str, chain: Chain) -> None:
    wrong, shown = [], set()
    for moment in moments("nifty50", where)[::5]:
        document = dumped(priced(moment, "chain.json" if chain is whole_chain else "chain.csv", chain))
        page = built(document, "none")["index.html"]
        shown |= {one.path.rpartition(".")[2] for one in PageText(page).numbers}
        wrong += [f"{moment}: {one}" for one in faults(page, json.loads(document), "none")]
    assert wrong == []
    assert shown >= {
        "priced_close",
        "centred_close",
        "premium",
        "straddle_points",
        "risk_reversal",
        "proxy_cost_points",
    }
    assert shown >= {"put_call_ratio", "strike", "age_minutes", "as_of", "legs_used"}


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(STATES.keys() - {"unreadable", "newer major version"}))
def test_every_number_of_a_state_is_the_documents_or_the_records(name: str) -> None:
    found = state(name)
    document = json.loads(found.document)
    assert faults(site(name)["index.html"], document, found.record) == []


@pytest.mark.parametrize(
    ("form", "shown", "value", "wrong"),
    [
        ("level", "24,056.10", 24056.1, None),
        ("level", "24,056.10", 24056.2, "expected 24056.20"),
        ("level", "1,24,056.10", 124056.1, None),
        ("level", "124,056.10", 124056.1, "its digits are not grouped as the market's are"),
        ("level", "24056.10", 24056.1, "its digits are not grouped as the market's are"),
        ("level_whole", "23,934", 23933.5, None),
        ("level_whole", "23,934", 23933.4, "expected 23933"),
        ("percent", "23 %", 0.2345, None),
        ("percent", "24 %", 0.2345, "expected 23"),
        ("percent", "0 %", 0.0004, "reads as certain"),
        ("percent", "under 1 %", 0.0004, None),
        ("percent", "under 1 %", 0.02, "is 0.02"),
        ("percent_rest", "77 %", 0.2345, None),
        ("percent_hundredths_signed", "\N{MINUS SIGN}0.41 %", -0.0041, None),
        ("percent_hundredths_signed", "0.41 %", 0.0041, "expected a sign"),
        ("vol_signed", "-0.00", -0.001, "0 has no sign"),
        ("weekday", "Thu 25 Jul", "2019-07-25", None),
        ("time", "11:00 IST", "2019-07-24T11:00:00+05:30", None),
        ("time", "05:30 IST", "2019-07-24T11:00:00+05:30", "expected '11:00 IST'"),
        ("events", "12.3", 12.34, None),
        ("events", "12", 12.0, None),
        ("events", "12.0", 12.0, "expected 1 decimals"),
        ("percent_tenths_interval", "68.5 to 90.3 %", [0.685, 0.9031], None),
        ("percent_tenths_interval", "68.5 to 90.4 %", [0.685, 0.9031], "expected 90.3"),
        ("nonsense", "1", 1, "unknown form"),
        ("in_ten", "8 in 10", 0.8, None),
        ("in_ten", "95 in 100", 0.95, None),
        ("level", "24,056.10", None, "there is no such value"),
    ],
)
def test_a_number_that_is_shown_wrong_is_found(form: str, shown: str, value: Any, wrong: str | None) -> None:
    assert fault(form, shown, value, indian=True, zone="IST") == wrong


def texts(value: Any) -> Iterator[str]:
    """All strings of a document."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from texts(item)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["in session", "closed", "sp500", "degraded", "option chain", "bhavcopy"])
def test_a_number_without_a_mark_is_no_measurement(name: str) -> None:
    """Levels, shares and moves carry their mark; left are confidence, tenths, and sentences of the document."""
    own = set(texts(json.loads(state(name).document)))
    found = [text for text in PageText(site(name)["index.html"]).unmarked if text not in own]
    assert [text for text in found if MEASUREMENT.search(CONFIDENCE.sub("", text))] == []
