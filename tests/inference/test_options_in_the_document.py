"""What a chain says in a document, beside numbers worked from the formula that priced the chain."""

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import synthetic
from chain_files import chain_json, strikes_round
from priced_chains import Mixture, PriceOfCall, legs_at

from aegismatrix_engine.document import check_document, check_json, dump
from aegismatrix_engine.document.schema.document import Document
from aegismatrix_engine.errors import InvalidDocument
from aegismatrix_engine.forecasting.models import Models
from aegismatrix_engine.forecasting.origin import Origin
from aegismatrix_engine.inference.infer import MadeDocument, infer
from aegismatrix_engine.inference.options import MakeBlocks, OptionsOutcome
from aegismatrix_engine.inference.options_block import with_chain
from aegismatrix_engine.markets import expiries
from aegismatrix_engine.options.forward import RATE
from aegismatrix_engine.record.forecasts import forecast_rows
from aegismatrix_engine.sources.options import read_chain

VOLATILITY = 0.15
OUTCOMES = 50_000
STEP = 50.0
PRICES = ["open", "high", "low", "close"]
BARS = synthetic.daily_frame().assign(**{name: 4 * synthetic.daily_frame()[name] for name in PRICES})
"""The synthetic index at the height of the real one, at which a tick of an option's price is as small."""
MARKET = synthetic.MARKET


def made(chain: bytes | None, folder: Path, *, proven: bool = True) -> MadeDocument:
    """The document of the synthetic market's last close, with a chain."""
    models, training = synthetic.trained()
    training = synthetic.with_heads(training, proven)

    def price(origin: Origin, models: Models, make: MakeBlocks) -> OptionsOutcome:
        (folder / "chain.json").write_bytes(chain or b"")
        return with_chain(origin, models, make, read_chain(folder / "chain.json", MARKET))

    return infer(
        synthetic.history(BARS),
        models,
        synthetic.manifest(training),
        "synthetic",
        synthetic.TRAINED_AT,
        priced=None if chain is None else price,
    )


@cache
def plain() -> MadeDocument:
    return made(None, Path())


def years_to(expiry: str) -> float:
    return (MARKET.calendar.closes_at(pd.Timestamp(expiry)) - plain().origin.as_of) / pd.Timedelta(days=365)


@cache
def market() -> Mapping[str, Mixture]:
    """Expiry -> the lognormal distribution that its options are priced from."""
    spot, found = plain().origin.spot, {}
    for expiry in plain().document.seller.expiries:
        years = years_to(expiry.expiry)
        found[expiry.expiry] = Mixture.lognormal(VOLATILITY * math.sqrt(years), spot * math.exp(RATE * years))
    return found


def chain_of(calls: Mapping[str, tuple[PriceOfCall, float, float]], index: float | None = None) -> bytes:
    """Expiry -> price of a call, forward, deviation; as a file of the document's moment, at its spot, or 0 for none."""
    origin = plain().origin
    legs = {
        pd.Timestamp(expiry): legs_at(
            call,
            strikes_round(forward, deviation, STEP),
            forward=forward,
            discount=math.exp(-RATE * years_to(expiry)),
        )
        for expiry, (call, forward, deviation) in calls.items()
    }
    return chain_json(legs, origin.as_of, origin.spot if index is None else index)


def lognormal() -> bytes:
    return chain_of({expiry: (one.call, one.parts[0][1], one.parts[0][2]) for expiry, one in market().items()})


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Document:
    return made(lognormal(), tmp_path_factory.mktemp("chain")).document


def test_each_expiry_says_what_it_was_priced_from(document: Document) -> None:
    for expiry in document.seller.expiries:
        (_, forward, total), years = market()[expiry.expiry].parts[0], years_to(expiry.expiry)
        priced = expiry.priced
        assert priced is not None
        assert priced.forward == pytest.approx(forward, abs=0.1)
        assert priced.days == pytest.approx(365 * years, abs=1e-3)
        for volatility in (priced.at_the_money, priced.put_25_delta, priced.call_25_delta):
            assert volatility == pytest.approx(100 * VOLATILITY, abs=0.25)
        assert priced.risk_reversal == pytest.approx(0, abs=0.3)
        assert priced.butterfly == pytest.approx(0, abs=0.3)
        strike = priced.straddle_strike
        assert abs(strike - forward) <= STEP / 2
        call = market()[expiry.expiry].call(strike)
        assert priced.straddle_points == pytest.approx(math.exp(-RATE * years) * (2 * call - forward + strike), abs=0.1)
        assert priced.quotes_used > 20
        assert priced.share_inside is not None
        assert priced.share_inside > 0.8
        assert total > 0


def test_chances_by_distance_are_those_of_the_distribution_from_the_forward(document: Document) -> None:
    for expiry in document.seller.expiries:
        mixture = market()[expiry.expiry]
        forward = mixture.parts[0][1]
        for point in expiry.breach_curve:
            up, down = mixture.above(forward + point.distance), 1 - mixture.above(forward - point.distance)
            assert point.priced_close_up == pytest.approx(up, abs=0.003)
            assert point.priced_close_down == pytest.approx(down, abs=0.003)
            assert point.priced_close == pytest.approx(up + down, abs=0.005)
            assert point.premium == pytest.approx(point.priced_close - point.centred_close, abs=1e-9)


def test_the_forecasts_beside_the_prices_are_those_without_a_chain(document: Document) -> None:
    for found, before in zip(document.seller.expiries, plain().document.seller.expiries, strict=True):
        assert found.ranges == before.ranges
        assert [one.close for one in found.breach_curve] == [one.close for one in before.breach_curve]
        assert [one.touch for one in found.breach_curve] == [one.touch for one in before.breach_curve]
    for name in ("trap", "safe_range", "breach_probabilities", "seller_flag", "range_width", "regime"):
        assert getattr(document.seller, name) == getattr(plain().document.seller, name), name
    for name in ("market", "direction", "forecast", "track_record"):
        assert getattr(document, name) == getattr(plain().document, name), name
    stress, before_stress = document.seller.expiry_stress, plain().document.seller.expiry_stress
    assert stress.model_copy(update={"priced_close": None}) == before_stress


def open_interest(strikes: np.ndarray, spot: float) -> tuple[np.ndarray, np.ndarray]:
    """Of calls and puts, units: the lots that chain_files writes, by its own rule."""
    lots = [
        [1000.0 + abs(strike - spot) // 50 * (3 if call == (strike > spot) else 1) for strike in strikes]
        for call in (True, False)
    ]
    return np.array(lots[0]), np.array(lots[1])


def test_max_pain_walls_and_ratio_are_by_open_interest_over_all_strikes(document: Document) -> None:
    spot = plain().origin.spot
    for expiry in document.seller.expiries:
        (_, forward, total) = market()[expiry.expiry].parts[0]
        strikes = strikes_round(forward, total, STEP)
        calls, puts = open_interest(strikes, spot)
        paid = [
            sum(c * max(k - s, 0) + p * max(s - k, 0) for s, c, p in zip(strikes, calls, puts, strict=True))
            for k in strikes
        ]
        found, held = expiry.max_pain, expiry.open_interest
        assert held is not None
        assert found.basis == "options"
        assert found.strike == strikes[int(np.argmin(paid))]
        fine = np.linspace(strikes[0], strikes[-1], 40_001)
        inside = fine[np.interp(fine, strikes, paid) <= 1.05 * min(paid)]
        assert found.lower == pytest.approx(inside[0], abs=2)
        assert found.upper == pytest.approx(inside[-1], abs=2)
        edges = np.log(np.array([found.lower, found.upper]) / spot)
        low, high = plain().origin.forecast.distribution.cumulative(expiry.sessions_left, edges)[0]
        assert found.confidence == pytest.approx(high - low, abs=1e-4)
        assert held.put_call_ratio == pytest.approx(puts.sum() / calls.sum(), abs=1e-4)
        assert held.calls / held.puts == pytest.approx(calls.sum() / puts.sum(), rel=1e-6)
        for walls, side in ((held.call_walls, calls), (held.put_walls, puts)):
            largest = [side[list(strikes).index(wall.strike)] for wall in walls]
            assert largest == sorted(side, reverse=True)[:3]
        assert held.strikes == len(strikes)
        assert held.partial is False
    nearest = document.seller.expiries[0]
    assert document.seller.max_pain.strike == nearest.max_pain.strike
    assert document.seller.max_pain.basis == "options"


def test_a_flat_smile_stands_where_the_scale_has_the_money(document: Document) -> None:
    skew = document.seller.skew
    assert skew.basis == "options"
    for side in (skew.put_skew, skew.call_skew):
        assert side == pytest.approx((1 - 0.85) / (1.25 - 0.85), abs=0.03)
    assert skew.net_skew == pytest.approx(skew.call_skew - skew.put_skew, abs=1e-9)


def test_the_stress_distance_has_a_priced_chance_of_a_close_beyond(document: Document) -> None:
    stress = document.seller.expiry_stress
    assert stress.expiry is not None
    mixture = market()[stress.expiry]
    forward = mixture.parts[0][1]
    beyond = mixture.above(forward + stress.distance_points) + 1 - mixture.above(forward - stress.distance_points)
    assert stress.priced_close == pytest.approx(beyond, abs=0.005)


def test_the_quoted_straddle_takes_the_place_of_the_implied_cost(document: Document) -> None:
    theta, before = document.buyer.theta_edge, plain().document.buyer.theta_edge
    priced = document.seller.expiries[0].priced
    assert priced is not None
    assert theta.cost_basis == "options"
    assert theta.straddle_cost_points == priced.straddle_points
    assert theta.proxy_cost_points == before.straddle_cost_points
    assert (theta.score, theta.base_rate, theta.basis) == (before.score, before.base_rate, before.basis)
    cheaper = before.straddle_cost_points / theta.straddle_cost_points
    assert theta.expected_payoff_ratio == pytest.approx(before.expected_payoff_ratio * cheaper, rel=1e-3)
    assert theta.payoff_error == pytest.approx(before.payoff_error * cheaper, abs=2e-4)
    costs = f"costs {theta.straddle_cost_points:,.0f} points"
    assert any(costs in reason for reason in document.buyer.buyer_environment.reasons)


def test_a_head_without_proof_stays_at_its_base_rate_beside_moves_of_the_past(tmp_path: Path) -> None:
    theta = made(lognormal(), tmp_path, proven=False).document.buyer.theta_edge
    close = np.log(BARS["close"].to_numpy())
    moves = np.abs(close[theta.sessions_left :] - close[: -theta.sessions_left])[-750:]
    assert (theta.basis, theta.word, theta.label) == ("base_rate", None, "BORDERLINE")
    assert theta.score == theta.base_rate
    past = moves.mean() * plain().origin.spot / theta.straddle_cost_points
    assert theta.expected_payoff_ratio == pytest.approx(past, abs=2e-3)


def call_of(closes: np.ndarray) -> Callable[[float], float]:
    above = np.concatenate([np.cumsum(closes[::-1])[::-1], [0.0]])

    def call(strike: float) -> float:
        i = int(np.searchsorted(closes, strike))
        return (float(above[i]) - strike * (len(closes) - i)) / len(closes)

    return call


def test_a_chain_priced_from_the_documents_own_forecast_has_no_premium(tmp_path: Path) -> None:
    origin, calls, wanted = plain().origin, {}, {}
    distribution = origin.forecast.distribution
    for expiry in plain().document.seller.expiries:
        step = expiry.sessions_left
        closes = origin.spot * np.exp(distribution.quantile(step, (np.arange(OUTCOMES) + 0.5) / OUTCOMES)[0])
        mean = float(closes.mean())
        calls[expiry.expiry] = (call_of(closes), mean, float(distribution.scale[0, step - 1]))
        wanted[expiry.expiry] = [np.mean(np.abs(closes - mean) > point.distance) for point in expiry.breach_curve]
    # The forecast drifts farther from spot than interest takes a forward.
    found = made(chain_of(calls, index=0.0), tmp_path).document
    for expiry in found.seller.expiries:
        assert expiry.priced is not None
        assert expiry.priced.forward == pytest.approx(calls[expiry.expiry][1], abs=0.1)
        for point, centred in zip(expiry.breach_curve, wanted[expiry.expiry], strict=True):
            assert point.centred_close == pytest.approx(centred, abs=0.001)
            # No price tells how chances are spread between two strikes, where a forecast of 1,150 sessions has corners.
            most = 0.0075 if point.distance <= STEP else 0.005
            assert abs(point.premium) < most, (expiry.expiry, point)


def test_the_record_keeps_what_prices_say_of_closes_at_priced_expiries_and_of_nothing_else(tmp_path: Path) -> None:
    found = made(lognormal(), tmp_path)
    spot, priced = found.origin.spot, 0
    rows = forecast_rows(found.document, found.origin, found.beyond)
    assert [replace(row, priced="") for row in rows] == forecast_rows(found.document, found.origin)
    for row in rows:
        of_expiry = row.signal.startswith(("seller.safe_range", "seller.expiries", "seller.breach_probabilities"))
        if not (of_expiry and row.event in ("range", "close_beyond")):
            assert row.priced == "", row.signal
            continue
        mixture = market()[row.until]
        # The very levels by which the row is decided.
        lower, upper = (
            (spot - float(row.threshold), spot + float(row.threshold))
            if row.event == "close_beyond"
            else (float(row.lower), float(row.upper))
        )
        beyond = mixture.above(upper) + 1 - mixture.above(lower)
        wanted = beyond if row.event == "close_beyond" else 1 - beyond
        assert float(row.priced) == pytest.approx(wanted, abs=0.005), row.signal
        priced += 1
    assert priced == 4 + 3 + 3


@pytest.mark.parametrize("moved", [0.994, 1.006])
def test_what_the_index_moved_between_spot_and_chain_is_no_part_of_the_priced_baseline(
    tmp_path: Path, moved: float
) -> None:
    legs = {}
    for expiry, one in market().items():
        (_, forward, total), years = one.parts[0], years_to(expiry)
        elsewhere = Mixture.lognormal(total, moved * forward)
        strikes, discount = strikes_round(moved * forward, total, STEP), math.exp(-RATE * years)
        legs[pd.Timestamp(expiry)] = legs_at(elsewhere.call, strikes, forward=moved * forward, discount=discount)
    origin = plain().origin
    later = made(chain_json(legs, origin.as_of, moved * origin.spot), tmp_path)
    still = made(lognormal(), tmp_path)
    cells = [
        [float(row.priced) for row in forecast_rows(one.document, one.origin, one.beyond) if row.priced]
        for one in (later, still)
    ]
    assert len(cells[0]) == 10
    assert cells[0] == pytest.approx(cells[1], abs=0.005)


def listing(chain: bytes, changed: Mapping[str, str]) -> bytes:
    """The chain with a whole list of expiries, as the exchange has it: our calendar's, but for some changed dates."""
    first = plain().origin.day
    ours = [f"{one.date:%Y-%m-%d}" for one in expiries(MARKET, first, first + pd.Timedelta(days=120))]
    content = json.loads(chain)
    content["records"]["expiryDates"] = [f"{pd.Timestamp(changed.get(one, one)):%d-%b-%Y}" for one in ours]
    return json.dumps(content).encode()


def moved_by_a_session(kind: str, which: int) -> tuple[str, str, bytes]:
    """One of the document's expiries, the session before it, and a chain that lists it there."""
    dates = [one.expiry for one in plain().document.seller.expiries if one.kind == kind]
    ours = dates[which]
    listed = f"{MARKET.calendar.regular(plain().origin.day, pd.Timestamp(ours))[-2]:%Y-%m-%d}"
    calls = {}
    for one in plain().document.seller.expiries:
        date = listed if one.expiry == ours else one.expiry
        years = years_to(date)
        mixture = Mixture.lognormal(VOLATILITY * math.sqrt(years), plain().origin.spot * math.exp(RATE * years))
        calls[date] = (mixture.call, mixture.parts[0][1], mixture.parts[0][2])
    return ours, listed, listing(chain_of(dict(sorted(calls.items()))), {ours: listed})


@pytest.mark.parametrize(("kind", "which"), [("weekly", 1), ("monthly", 0), ("monthly", 1)])
def test_an_expiry_that_the_exchange_lists_elsewhere_is_there_with_its_forecasts_and_prices(
    tmp_path: Path, kind: str, which: int
) -> None:
    ours, listed, chain = moved_by_a_session(kind, which)
    found = made(chain, tmp_path)
    before = {one.expiry: one for one in plain().document.seller.expiries}
    after = {one.expiry: one for one in found.document.seller.expiries}
    assert set(before) - set(after) == {ours}
    assert set(after) - set(before) == {listed}
    expiry = after[listed]
    assert (expiry.kind, expiry.sessions_left) == (kind, before[ours].sessions_left - 1)
    assert expiry.priced is not None
    assert expiry.priced.days == pytest.approx(365 * years_to(listed), abs=1e-3)
    distribution, spot = found.origin.forecast.distribution, found.origin.spot
    for point in expiry.breach_curve:
        above = 1 - distribution.cumulative(expiry.sessions_left, np.log([1 + point.distance / spot]))[0, 0]
        assert point.close_up == pytest.approx(above, abs=1e-4)
    assert all(one.priced is not None for one in found.document.seller.expiries)
    notes = [note for note in found.document.health.notes if "lists" in note]
    assert len(notes) == 1
    assert f"the expiry of {ours} on {listed}" in notes[0]
    assert found.document.health.status == plain().document.health.status
    primary = plain().document.seller.safe_range.expiry
    if ours == primary:
        assert found.document.seller.safe_range.expiry == listed
        assert found.document.seller.breach.expiry == listed
        rows = forecast_rows(found.document, found.origin, found.beyond)
        ranges = [row for row in rows if row.signal.startswith(("seller.safe_range", "seller.breach_probabilities"))]
        assert {row.until for row in ranges} == {listed}
        assert all(row.priced for row in ranges if row.event in ("range", "close_beyond"))


def test_an_expiry_that_is_listed_on_a_day_without_a_session_stays_and_is_named(tmp_path: Path) -> None:
    origin, legs = plain().origin, {}
    ours = plain().document.seller.expiries[1].expiry
    sunday = pd.Timestamp(ours) - pd.Timedelta(days=pd.Timestamp(ours).day_of_week + 1)
    for expiry, one in market().items():
        date = sunday if expiry == ours else pd.Timestamp(expiry)
        (_, forward, total) = one.parts[0]
        strikes = strikes_round(forward, total, STEP)
        legs[date] = legs_at(one.call, strikes, forward=forward, discount=math.exp(-RATE * years_to(expiry)))
    chain = listing(chain_json(legs, origin.as_of, origin.spot), {ours: f"{sunday:%Y-%m-%d}"})
    found = made(chain, tmp_path).document
    assert [one.expiry for one in found.seller.expiries] == list(market())
    assert found.seller.expiries[1].priced is None
    notes = [note for note in found.health.notes if "exchange" in note]
    assert len(notes) == 2
    assert all("calendar.toml" in note for note in notes)


def test_no_chance_is_given_farther_out_than_strikes_that_end_near_the_money(tmp_path: Path) -> None:
    legs = {}
    for expiry, one in market().items():
        (_, forward, total) = one.parts[0]
        strikes = strikes_round(forward, total, STEP)
        near = strikes[np.abs(strikes - forward) < 1.2 * total * forward]
        discount = math.exp(-RATE * years_to(expiry))
        legs[pd.Timestamp(expiry)] = legs_at(one.call, near, forward=forward, discount=discount)
    found = made(chain_json(legs, plain().origin.as_of, plain().origin.spot), tmp_path)
    curve = found.document.seller.expiries[-1].breach_curve
    assert curve[0].priced_close is not None
    assert (curve[-1].priced_close, curve[-1].centred_close, curve[-1].premium) == (None, None, None)
    rows = forecast_rows(found.document, found.origin, found.beyond)
    assert {row.priced for row in rows if row.event == "range" and row.probability == "0.95"} == {""}


BROKEN: dict[str, tuple[str, object]] = {
    "options.age_minutes": ("options.age_minutes", 7.0),
    "options.legs_used": ("options.legs_used", 10**6),
    "options.as_of": ("options.as_of", "2031-01-01T15:30:00+05:30"),
    "seller.expiries.1.breach_curve.2.premium": ("seller.expiries.1.breach_curve.2.premium", 0.3),
    "seller.expiries.1.breach_curve.3.centred_close": ("seller.expiries.1.breach_curve.3.centred_close", None),
    "seller.expiries.1.breach_curve.4.premium": ("seller.expiries.1.breach_curve.4.centred_close", 0.0),
    "seller.expiries.0.breach_curve.8.priced_close": ("seller.expiries.0.breach_curve.8.priced_close", 0.9),
    "seller.expiries.0.breach_curve.3.priced_close": ("seller.expiries.0.breach_curve.3.priced_close_up", None),
    "seller.expiries.0.max_pain.basis": ("seller.expiries.0.open_interest", None),
    "seller.expiries.0.priced.risk_reversal": ("seller.expiries.0.priced.risk_reversal", 4.0),
    "seller.expiries.0.priced.butterfly": ("seller.expiries.0.priced.butterfly", None),
    "buyer.theta_edge.proxy_cost_points": ("buyer.theta_edge.proxy_cost_points", None),
    "seller.max_pain.basis": ("options", None),
}


@pytest.mark.parametrize("named", BROKEN)
def test_a_broken_rule_of_options_is_named(document: Document, named: str) -> None:
    path, value = BROKEN[named]
    content = json.loads(dump(document))
    *lead, last = path.split(".")
    container = content
    for part in lead:
        container = container[int(part) if part.isdigit() else part]
    container[last] = value
    with pytest.raises(InvalidDocument, match=re.escape(f"at {named}:")):
        check_document(Document.model_validate_json(json.dumps(content)))


def test_the_document_is_read_back_as_it_was_written(document: Document) -> None:
    assert check_json(dump(document)) == document
