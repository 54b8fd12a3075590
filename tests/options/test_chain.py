"""The price of a leg, and where it comes from."""

import numpy as np
import pandas as pd
import pytest

from aegismatrix_engine.options.chain import Legs

NAN = float("nan")


def leg(bid: float, ask: float, last: float, *, traded: bool) -> Legs:
    one = np.array([1.0])
    return Legs(
        pd.Timestamp("2026-06-23"),
        strike=24000 * one,
        is_call=one > 0,
        bid=bid * one,
        ask=ask * one,
        last=last * one,
        settlement=55 * one,
        traded=np.array([traded]),
        volume=one,
        open_interest=one,
        published_volatility=one,
    )


@pytest.mark.parametrize(
    ("bid", "ask", "last", "traded", "price", "kind"),
    [
        (10.0, 11.0, 99.0, True, 10.5, "mid"),
        (10.0, 10.0, 99.0, True, 10.0, "mid"),
        (11.0, 10.0, 9.0, True, 9.0, "last"),
        (10.0, NAN, 9.0, True, 9.0, "last"),
        (NAN, 10.0, 9.0, True, 9.0, "last"),
        (NAN, 10.0, 9.0, False, NAN, "none"),
        (NAN, NAN, NAN, True, NAN, "none"),
    ],
)
def test_the_price_is_the_middle_of_sane_quotes_else_a_trade_of_the_day_else_none(
    bid: float, ask: float, last: float, traded: bool, price: float, kind: str
) -> None:
    one = leg(bid, ask, last, traded=traded)
    np.testing.assert_array_equal(one.price, [price])
    assert one.price_kind.tolist() == [kind]
