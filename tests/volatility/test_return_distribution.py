"""One distribution, one coherent answer: whatever the fitted shapes say, its probabilities never contradict."""

import numpy as np
import pytest
import synthetic
from hypothesis import given, settings
from hypothesis import strategies as st

from aegismatrix_engine.forecasting.features import market_features
from aegismatrix_engine.volatility.distribution import Breaches, ReturnDistribution, Shapes, fit_distribution
from aegismatrix_engine.volatility.outcomes import horizon_outcomes
from aegismatrix_engine.volatility.shape import fit_shape

HORIZONS = 45
SIDES = ("touch_up", "touch_down", "touch", "close_up", "close_down", "close")
NOISE = 1e-12
PANEL = synthetic.features()
MODEL = fit_distribution(PANEL)


def wild_shapes(seed: int, n: int) -> Shapes:
    """Four samples that know nothing of each other: no fit is this inconsistent."""
    draws = np.random.default_rng(seed)
    close = draws.standard_t(3, size=(n, HORIZONS)) + draws.normal(scale=0.3)
    excursions = [np.abs(draws.standard_t(3, size=(n, HORIZONS))) - draws.uniform(0, 0.3) for _ in range(3)]
    return Shapes(*(fit_shape(sample) for sample in (close, *excursions)))


@st.composite
def distributions(draw: st.DrawFn) -> ReturnDistribution:
    """Any scales, with shapes that are fitted, sparse, or contradict one another."""
    seed = draw(st.integers(0, 2**32 - 1))
    shapes = draw(st.sampled_from([MODEL.with_vix, MODEL.without_vix, wild_shapes(seed, draw(st.integers(1, 400)))]))
    daily = np.exp(draw(st.floats(np.log(0.003), np.log(0.05))))
    bent = draw(st.floats(0.3, 0.7))
    return ReturnDistribution(daily * np.arange(1.0, HORIZONS + 1)[None, :] ** bent, shapes)


distances = st.lists(st.floats(1e-5, 0.4), min_size=2, max_size=12, unique=True).map(
    lambda found: np.array(sorted(found))
)


def check(found: list[Breaches]) -> None:
    """Every promise of ``Breaches`` but monotony in the distance."""
    before: Breaches | None = None
    for one in found:
        for name in SIDES:
            value = getattr(one, name)
            assert ((value > 0) & (value <= 1)).all(), name
        assert (one.touch_up >= one.close_up - NOISE).all()
        assert (one.touch_down >= one.close_down - NOISE).all()
        assert (one.touch >= one.close - NOISE).all()
        assert (one.touch >= np.maximum(one.touch_up, one.touch_down) - NOISE).all()
        assert (one.touch <= one.touch_up + one.touch_down + NOISE).all()
        if before is not None:
            for name in ("touch_up", "touch_down", "touch"):
                assert (getattr(one, name) >= getattr(before, name) - NOISE).all(), name
        before = one


@given(said=distributions(), away=distances)
@settings(max_examples=40, deadline=None)
def test_breaches_on_equal_sides_are_coherent_and_fall_with_distance(
    said: ReturnDistribution, away: np.ndarray
) -> None:
    found = said.breaches_by_horizon(HORIZONS, away)
    check(found)
    for one in found:
        for name in SIDES:
            assert (np.diff(getattr(one, name)[0]) <= NOISE).all(), name


@given(said=distributions(), above=distances, below=distances)
@settings(max_examples=60, deadline=None)
def test_breaches_on_unequal_sides_are_coherent_and_fall_with_both_distances(
    said: ReturnDistribution, above: np.ndarray, below: np.ndarray
) -> None:
    n = min(len(above), len(below))
    found = said.breaches_by_horizon(HORIZONS, above[:n], below[:n])
    check(found)
    for one in found:
        for name in SIDES:
            assert (np.diff(getattr(one, name)[0]) <= NOISE).all(), name


@given(said=distributions(), above=distances, below=st.floats(1e-4, 0.3), flipped=st.booleans())
@settings(max_examples=60, deadline=None)
def test_a_touch_of_any_side_falls_while_one_side_moves_away(
    said: ReturnDistribution, above: np.ndarray, below: float, flipped: bool
) -> None:
    sides = (above, np.full_like(above, below))
    found = said.breaches_by_horizon(HORIZONS, *(sides[::-1] if flipped else sides))
    check(found)
    for one in found:
        assert (np.diff(one.touch[0]) <= NOISE).all()


@pytest.mark.parametrize("horizon", [1, 5, 20, 45])
def test_nearly_equal_sides_are_touched_nearly_as_often_as_equal_ones(horizon: int) -> None:
    said = ReturnDistribution(0.01 * np.sqrt(np.arange(1.0, 46))[None, :], MODEL.with_vix)
    away = np.linspace(0.3, 3, 30) * 0.01 * np.sqrt(horizon)
    equal = said.breaches(horizon, away).touch
    assert said.breaches(horizon, away, away * (1 + 1e-9)).touch == pytest.approx(equal, abs=1e-6)


def test_a_touch_of_unequal_sides_matches_how_often_it_happened() -> None:
    outcomes, h = horizon_outcomes(PANEL.series), 10
    known = PANEL.has_vix & np.isfinite(outcomes.close[:, h - 1])
    said = ReturnDistribution(MODEL.scales(PANEL).horizon[known], MODEL.with_vix)
    for up, down in ((0.02, 0.03), (0.035, 0.02), (0.02, 0.04)):
        happened = (outcomes.up[known, h - 1] > up) | (outcomes.down[known, h - 1] > down)
        said_so = said.breaches(h, np.array([up]), np.array([down])).touch[:, 0]
        assert said_so.mean() == pytest.approx(happened.mean(), abs=0.04)


@given(said=distributions())
@settings(max_examples=30, deadline=None)
def test_quantiles_do_not_cross_and_agree_with_probabilities(said: ReturnDistribution) -> None:
    levels = np.linspace(0.001, 0.999, 301)
    for h in (1, 2, 10, 45):
        quantiles, not_up = said.quantile(h, levels)[0], 1 - float(said.up(h)[0])
        assert (np.diff(quantiles) >= 0).all()
        assert not_up == pytest.approx(float(said.cumulative(h, np.zeros(1))[0, 0]))
        # Half an observation is held to lie beyond all that were seen, which no quantile shows.
        least = 0.5 / (said.shapes.close.count[h - 1] + 1)
        assert (not_up <= np.maximum(levels[quantiles > 0], least) + NOISE).all()
        assert (not_up >= np.minimum(levels[quantiles < 0], 1 - least) - NOISE).all()


@pytest.mark.parametrize("h", [1, 5, 20, 45])
def test_up_is_the_level_at_which_the_quantile_is_zero(h: int) -> None:
    said = ReturnDistribution(0.01 * np.sqrt(np.arange(1.0, 46))[None, :], MODEL.with_vix)
    up = said.up(h)
    assert said.quantile(h, 1 - up[:, None])[0, 0] == pytest.approx(0.0, abs=1e-12)


def test_the_mean_absolute_return_is_that_of_the_shape() -> None:
    draws = np.random.default_rng(5).normal(size=(4000, HORIZONS))
    shapes = Shapes(*(fit_shape(draws) for _ in range(4)))
    said = ReturnDistribution(np.full((1, HORIZONS), 0.02), shapes)
    assert said.mean_absolute_return(5)[0] == pytest.approx(0.02 * np.sqrt(2 / np.pi), rel=0.03)


def test_a_row_says_the_same_alone_and_among_others() -> None:
    scale = MODEL.scales(PANEL.rows(slice(500, 510))).horizon
    said, away = ReturnDistribution(scale, MODEL.with_vix), np.array([0.01, 0.03])
    alone = said.row(4)
    assert np.array_equal(alone.quantile(20, away), said.quantile(20, away)[[4]])
    for name in SIDES:
        assert np.array_equal(getattr(alone.breaches(20, away), name), getattr(said.breaches(20, away), name)[[4]])


def test_training_outcomes_are_spread_evenly_over_the_levels() -> None:
    outcomes = horizon_outcomes(PANEL.series).close
    for h in (1, 5, 20):
        known = PANEL.has_vix & np.isfinite(outcomes[:, h - 1])
        said = ReturnDistribution(MODEL.scales(PANEL).horizon[known], MODEL.with_vix)
        pit = said.cumulative(h, outcomes[known][:, [h - 1]])[:, 0]
        assert np.histogram(pit, bins=5, range=(0, 1))[0] / len(pit) == pytest.approx([0.2] * 5, abs=0.02)


def test_without_the_index_scale_and_shape_are_those_learnt_without_it() -> None:
    bare = fit_distribution(market_features(synthetic.history(synthetic.daily_frame().assign(vix=np.nan))))
    assert not bare.log_har.knows_vix
    assert np.array_equal(bare.without_vix.close.grid, MODEL.without_vix.close.grid)
    assert bare.shapes(use_vix=True) is bare.without_vix
    assert MODEL.shapes(use_vix=True) is MODEL.with_vix
    assert np.array_equal(bare.scales(PANEL).blended, MODEL.scales(PANEL, use_vix=False).blended, equal_nan=True)


def test_rows_that_lack_the_index_are_scaled_without_it_and_only_they() -> None:
    frame = synthetic.daily_frame().copy()
    frame.iloc[-5:, frame.columns.get_loc("vix")] = np.nan
    features = market_features(synthetic.history(frame))
    mixed, plain, full = MODEL.scales(features), MODEL.scales(features, use_vix=False), MODEL.scales(PANEL)
    # Carried over two sessions, the index is unknown in the last three.
    assert features.has_vix[-4:].tolist() == [True, False, False, False]
    assert np.array_equal(mixed.blended[-3:], plain.blended[-3:])
    assert np.array_equal(mixed.blended[500:-5], full.blended[500:-5])


@given(distributions(), st.integers(1, HORIZONS), st.booleans())
@settings(max_examples=60, deadline=None)
def test_the_mean_is_that_of_very_many_equally_likely_outcomes(
    plain: ReturnDistribution, horizon: int, moved: bool
) -> None:
    shift = np.full(plain.scale.shape, 0.01) if moved else None
    distribution = ReturnDistribution(np.minimum(plain.scale, 0.2), plain.shapes, shift)
    outcomes = distribution.quantile(horizon, (np.arange(200_000) + 0.5) / 200_000)[0]
    found = float(distribution.mean_growth(horizon)[0])
    assert found == pytest.approx(float(np.exp(outcomes).mean()), rel=1e-6)
    distance = np.array([0.25, 0.5, 1.0]) * 0.1 * found
    levels = np.log(np.concatenate([found + distance, found - distance]))
    below = distribution.cumulative(horizon, levels)[0]
    assert distribution.close_beyond_mean(horizon, distance)[0] == pytest.approx(1 - below[:3] + below[3:])


def test_a_distribution_that_is_one_point_has_its_mean_there() -> None:
    alike = fit_shape(np.full((10, HORIZONS), 0.5))
    point = ReturnDistribution(np.full((2, HORIZONS), 0.02), Shapes(alike, alike, alike, alike))
    assert point.mean_growth(3) == pytest.approx(np.full(2, np.exp(0.01)), rel=1e-12)
