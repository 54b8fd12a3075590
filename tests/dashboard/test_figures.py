"""How numbers are written: grouped as the market groups them, and never more certain than they are."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aegismatrix_engine.dashboard.figures import FORMS, Figures, Style, figure, grouped, in_ten, percent
from aegismatrix_engine.dashboard.wording import against_usual
from aegismatrix_engine.document import check_json

INDIA, ELSEWHERE = Style("indian", "IST"), Style("western", "EST")
EXAMPLE = check_json((Path(__file__).parents[2] / "docs" / "example.json").read_bytes())


@pytest.mark.parametrize(
    ("value", "decimals", "indian", "western"),
    [
        (24056.1, 2, "24,056.10", "24,056.10"),
        (124000.0, 0, "1,24,000", "124,000"),
        (12345678.0, 0, "1,23,45,678", "12,345,678"),
        (999.0, 0, "999", "999"),
        (-124000.4, 1, "-1,24,000.4", "-124,000.4"),
        (0.0, 2, "0.00", "0.00"),
    ],
)
def test_digits_are_grouped_as_the_market_does(value: float, decimals: int, indian: str, western: str) -> None:
    assert grouped(value, decimals, "indian") == indian
    assert grouped(value, decimals, "western") == western


@given(st.floats(-1e9, 1e9), st.integers(0, 2))
def test_grouping_moves_no_digit(value: float, decimals: int) -> None:
    plain = f"{value:.{decimals}f}"
    assert grouped(value, decimals, "indian").replace(",", "") == plain
    assert grouped(value, decimals, "western").replace(",", "") == plain


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.0, "0 %"), (0.004, "under 1 %"), (0.005, "under 1 %"), (0.21, "21 %"), (0.997, "over 99 %"), (1.0, "100 %")],
)
def test_a_chance_that_is_not_certain_is_not_written_as_certain(share: float, text: str) -> None:
    assert percent(share) == text


@given(st.floats(0.0, 1.0, exclude_min=True, exclude_max=True))
def test_no_chance_between_the_ends_is_written_as_one_of_them(share: float) -> None:
    assert percent(share) not in ("0 %", "100 %")


@pytest.mark.parametrize(("share", "text"), [(0.8, "8 in 10"), (0.9, "9 in 10"), (0.95, "95 in 100")])
def test_a_coverage_is_counted(share: float, text: str) -> None:
    assert in_ten(share) == text


def test_dates_and_times_are_those_of_the_exchange() -> None:
    moment = "2026-08-25T11:00:00+05:30"
    assert [figure("as_of", moment, form, INDIA).text for form in ("day", "weekday", "dated", "time", "moment")] == [
        "25 Aug",
        "Tue 25 Aug",
        "25 Aug 2026",
        "11:00 IST",
        "25 Aug 2026, 11:00 IST",
    ]


def test_a_figure_keeps_the_path_it_was_read_from() -> None:
    figures = Figures(EXAMPLE, INDIA)
    found = figures("level_whole", "seller.expiries.0.ranges.0.lower")
    assert (found.path, found.form, found.text) == ("seller.expiries.0.ranges.0.lower", "level_whole", "17,766")
    assert figures.value("direction.night.lower") is None


def test_every_form_is_written_in_both_styles() -> None:
    pairs = {name for name in FORMS if name.endswith("_interval")}
    texts = {"day", "weekday", "dated", "time", "moment", "day_time", "text"}
    for name, form in FORMS.items():
        value = (0.1, 0.2) if name in pairs else "2026-08-25T11:00:00+05:30" if name in texts else 0.5
        assert form(value, INDIA)
        assert form(value, ELSEWHERE)


@pytest.mark.parametrize(
    ("share", "usual", "words"),
    [
        (0.23, 0.24, "about usual"),
        (0.19, 0.23, "less likely than usual"),
        (0.30, 0.24, "more likely than usual"),
        (0.0, 0.0, "about usual"),
    ],
)
def test_a_chance_is_put_against_its_base_rate_in_words(share: float, usual: float, words: str) -> None:
    assert against_usual(share, usual) == words
