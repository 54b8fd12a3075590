"""What the commands publish: a valid document that says what it is made of, the same every time."""

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from bars_folder import SESSIONS, write_data
from command_line import CSV, EARLY, LATER, NOW, Ended, contents, without_moment
from synthetic import daily_frame

from aegismatrix_engine.document import check_json
from aegismatrix_engine.document.schema.document import Document
from aegismatrix_engine.markets import get_market

Call = Callable[..., Ended]
CALENDAR = get_market("nifty50").calendar


def published(call: Call, *options: str, code: int = 0) -> tuple[Document, bytes]:
    ended = call("infer", *CSV, "--json", *options)
    assert (ended.code, ended.err) == (code, "")
    return check_json(ended.out), ended.out


def test_bars_of_the_past_make_a_replay_that_says_what_it_is_made_of(call: Call, place: Path) -> None:
    document, _ = published(call)
    frame = daily_frame(SESSIONS)
    made_of, manifest = document.provenance, json.loads((place / "models" / "manifest.json").read_text())
    assert made_of.mode == "replay"
    assert not made_of.in_sample
    assert (made_of.source, document.market_id) == ("csv", "nifty50")
    assert (made_of.first_bar, made_of.last_bar) == (f"{frame.index[0]:%Y-%m-%d}", f"{frame.index[-1]:%Y-%m-%d}")
    assert (made_of.rows, made_of.training_end) == (SESSIONS, made_of.last_bar)
    assert made_of.model_set == manifest["set_version"]
    assert document.as_of == CALENDAR.closes_at(frame.index[-1]).isoformat()
    assert document.market.spot == pytest.approx(frame["close"].iloc[-1], abs=0.01)
    assert document.health.status == "ok"


def test_the_same_call_gives_the_same_bytes_but_for_its_moment(call: Call) -> None:
    assert without_moment(published(call)[1]) == without_moment(published(call)[1])


def test_as_of_speaks_from_that_close_and_knows_that_the_models_have_seen_more(call: Call) -> None:
    day = daily_frame(SESSIONS).index[-30]
    document, text = published(call, "--as-of", f"{day:%Y-%m-%d}")
    assert document.provenance.last_bar == f"{day:%Y-%m-%d}"
    assert document.as_of == CALENDAR.closes_at(day).isoformat()
    assert document.provenance.in_sample
    # One minute before the next session's open nothing more is known, but that the session is to come: the next
    # document is that of its first bar, no longer the one of the night.
    ahead = CALENDAR.following(day, 1)[0]
    before = json.loads(published(call, "--as-of", (CALENDAR.opens_at(ahead) - pd.Timedelta("1min")).isoformat())[1])
    known = json.loads(text)
    assert before["provenance"].pop("clock") == "before_open"
    assert known["provenance"].pop("clock") == "after_close"
    opens = CALENDAR.opens_at(ahead)
    assert pd.Timestamp(before.pop("next_due")) == opens + pd.Timedelta("15min")
    assert pd.Timestamp(known.pop("next_due")) == opens - pd.Timedelta("95min")
    assert {**before, "generated_at": ""} == {**known, "generated_at": ""}
    # One minute before its close nothing more is either, and that its bars are missing is told.
    moment = CALENDAR.closes_at(ahead) - pd.Timedelta("1min")
    within, _ = published(call, "--as-of", moment.isoformat(), code=10)
    assert (within.provenance.clock, within.as_of) == ("in_session", document.as_of)
    assert [entry.signal for entry in within.health.degraded] == ["direction.today"]
    assert f"no bar of {ahead:%Y-%m-%d}" in within.health.degraded[0].reason
    for block in ("market", "direction", "seller", "buyer", "forecast"):
        assert getattr(within, block) == getattr(document, block)


def test_without_the_volatility_index_the_document_is_valid_degraded_and_says_so(call: Call, place: Path) -> None:
    (place / "data" / "vix_daily.csv").unlink()
    document, _ = published(call, code=10)
    assert document.health.status == "degraded"
    reasons = {entry.signal: entry.reason for entry in document.health.degraded}
    assert {"market", "forecast", "seller.trap", "buyer.theta_edge"} <= reasons.keys()
    assert all("India VIX" in reason for reason in reasons.values())
    assert document.market.vix_basis == "estimator"
    assert document.provenance.vix_last_bar is None
    summary = call("infer", *CSV)
    assert summary.code == 10
    assert "Degraded: seller.trap (prior): India VIX is not known" in summary.out.decode()
    assert "volatility index about " in summary.out.decode()


def test_training_without_the_volatility_index_serves_an_inference_without_it(call: Call, place: Path) -> None:
    (place / "data" / "vix_daily.csv").unlink()
    assert call("train", *CSV, "--quiet", "--as-of", EARLY) == Ended(0, b"", "")
    document, _ = published(call, "--as-of", EARLY, code=10)
    assert document.provenance.training_end == EARLY


def test_training_twice_gives_the_same_models(call: Call, place: Path) -> None:
    for folder in ("one", "two"):
        assert call("train", *CSV, "--quiet", "--as-of", LATER, "--models", folder).code == 0
    one, two = contents(place / "one"), contents(place / "two")
    manifests = [json.loads(folder.pop("manifest.json")) for folder in (one, two)]
    assert one == two
    for manifest in manifests:
        assert manifest["training"]["last"] == LATER
        del manifest["training"]["trained_at"]
    assert manifests[0] == manifests[1]


def up_to_now() -> pd.DataFrame:
    """The synthetic market, dated so that its last session is the last one that has closed by now."""
    last = CALENDAR.last_closed(pd.Timestamp(NOW))
    dates = CALENDAR.regular(last - pd.Timedelta(days=2 * SESSIONS), last)[-SESSIONS:]
    return daily_frame(SESSIONS).set_axis(dates.rename("date"))


def test_bars_up_to_now_make_a_live_document(call: Call, place: Path) -> None:
    frame = up_to_now()
    write_data(place / "data", frame)
    document, _ = published(call)
    assert document.provenance.mode == "live"
    assert document.provenance.last_bar == f"{frame.index[-1]:%Y-%m-%d}" == NOW[:10]
    assert document.generated_at == pd.Timestamp(NOW).isoformat()
    generated, valid_until = pd.Timestamp(document.generated_at), pd.Timestamp(document.valid_until)
    assert pd.Timestamp(document.as_of) <= generated < valid_until


@pytest.mark.parametrize("rows", [1, 2], ids=["the session that has not closed", "and the one after it"])
def test_a_row_of_a_session_that_has_not_closed_changes_nothing(call: Call, place: Path, rows: int) -> None:
    frame = up_to_now()
    write_data(place / "data", frame)
    _, text = published(call)
    ahead = CALENDAR.following(frame.index[-1], rows)
    partial = frame.iloc[[-1] * rows].set_axis(ahead.rename("date")) * [1.0, 1.04, 0.97, 1.03, 1.2]
    write_data(place / "data", pd.concat([frame, partial]))
    assert without_moment(published(call)[1]) == without_moment(text)


@pytest.mark.slow
def test_the_demo_needs_no_files_and_leaves_none(call: Call, place: Path) -> None:
    before = contents(place)
    ended = call("demo", "--json")
    assert (ended.code, ended.err) == (0, "")
    document = check_json(ended.out)
    assert (document.market_id, document.provenance.source) == ("sp500", "sample")
    assert document.provenance.mode == "replay"
    assert document.provenance.last_bar == "2018-12-31"
    assert contents(place) == before
