"""Event heads: a logistic fit checked by its own equations, and how it is pooled with the empirical probability."""

import math

import numpy as np
import pytest
import synthetic

from aegismatrix_engine.volatility.event_head import EventHead, expit, fit_event_head, head_columns, logit, share_of_own

C = 0.02


def drawn(n: int, seed: int = 2) -> tuple[np.ndarray, np.ndarray]:
    draws = np.random.default_rng(seed)
    columns = draws.normal(size=(n, 5)) * [1, 2, 0.5, 3, 1] + [0, 1, -4, 0, 2]
    happened = (draws.uniform(size=n) < 1 / (1 + np.exp(-(0.8 * columns[:, 0] - 1)))).astype(float)
    return columns, happened


def newton(columns: np.ndarray, happened: np.ndarray) -> np.ndarray:
    """Probabilities of the ridge logistic regression: minimise sum(log loss) + |weights|^2 / (2 C), by hand."""
    scaled = (columns - columns.mean(axis=0)) / columns.std(axis=0)
    X = np.column_stack([np.ones(len(scaled)), scaled])
    penalty = np.diag([0.0] + [1 / C] * scaled.shape[1])
    beta = np.zeros(X.shape[1])
    for _ in range(60):
        p = 1 / (1 + np.exp(-X @ beta))
        gradient = X.T @ (p - happened) + penalty @ beta
        beta -= np.linalg.solve(X.T @ (X * (p * (1 - p))[:, None]) + penalty, gradient)
    return 1 / (1 + np.exp(-X @ beta))


@pytest.mark.parametrize("n", [250, 900])
def test_the_head_is_the_ridge_logistic_regression_of_its_penalty(n: int) -> None:
    columns, happened = drawn(n)
    head = fit_event_head(columns, happened, prior=0.3)
    assert head.probability(columns) == pytest.approx(newton(columns, happened), abs=1e-6)
    assert head.rows == n


def test_rows_not_wholly_known_are_left_out_but_count_for_the_base_rate() -> None:
    columns, happened = drawn(600)
    columns[:100, 2], happened[-50:] = np.nan, np.nan
    head = fit_event_head(columns, happened, prior=0.25)
    assert head.rows == 450
    assert head.probability(columns[100:550]) == pytest.approx(newton(columns[100:550], happened[100:550]), abs=1e-6)
    assert head.base_rate == pytest.approx((happened[:550].sum() + 0.25) / 551, rel=1e-12)


def test_before_any_outcome_the_base_rate_is_the_prior() -> None:
    assert fit_event_head(np.empty((0, 5)), np.empty(0), prior=0.2).base_rate == 0.2


def test_one_class_only_is_told_by_the_base_rate() -> None:
    columns, _ = drawn(400)
    head = fit_event_head(columns, np.zeros(400), prior=0.2)
    assert head.weights.tolist() == [0.0] * 5
    assert head.probability(columns) == pytest.approx([0.2 / 401] * 400)


def head_of(rows: int, own_share: float = 1.0) -> EventHead:
    return EventHead(0.4, np.array([0.5, 0.0, 0.0, 0.0, 0.0]), base_rate=0.2, rows=rows, own_share=own_share)


def test_the_pool_is_the_mean_of_both_logits() -> None:
    columns, empirical = np.array([[1.0, 0, 0, 0, 0]]), np.array([0.3])
    score = (0.9 + math.log(0.3 / 0.7)) / 2
    assert head_of(750).pooled(columns, empirical)[0] == pytest.approx(1 / (1 + math.exp(-score)), rel=1e-12)


@pytest.mark.parametrize("own_share", [0.0, 0.5, 0.7])
def test_what_is_not_its_own_is_the_base_rates(own_share: float) -> None:
    columns, empirical = np.array([[1.0, 0, 0, 0, 0]]), np.array([0.3])
    own, drawn_to = (float(head_of(800, share).pooled(columns, empirical)[0]) for share in (1.0, own_share))
    logits = [math.log(p / (1 - p)) for p in (own, 0.2, drawn_to)]
    assert logits[2] == pytest.approx(own_share * logits[0] + (1 - own_share) * logits[1], rel=1e-12)


@pytest.mark.parametrize(
    ("sessions", "long_share", "share"), [(750, 0.7, 0.7), (750, 1.0, 1.0), (749, 1.0, 0.5), (749, 0.3, 0.3)]
)
def test_an_event_priced_by_the_index_is_half_the_base_rates_on_a_short_history(
    sessions: int, long_share: float, share: float
) -> None:
    assert share_of_own(sessions, long_share) == share


def test_under_250_sessions_nothing_was_learnt() -> None:
    columns, empirical = np.array([[1.0, 0, 0, 0, 0]]), np.array([0.3])
    assert np.isnan(head_of(249).pooled(columns, empirical)).all()
    assert np.isfinite(head_of(250).pooled(columns, empirical)).all()


def test_an_unknown_column_gives_an_unknown_probability_and_no_warning() -> None:
    columns, empirical = np.array([[np.nan, 0, 0, 0, 0], [1, 0, 0, 0, 0]]), np.array([0.3, 0.3])
    found = head_of(800).pooled(columns, empirical)
    assert np.isnan(found[0])
    assert 0 < found[1] < 1


@pytest.mark.parametrize("score", [-800.0, -40.0, 0.0, 40.0, 800.0])
def test_no_score_overflows(score: float) -> None:
    columns = np.array([[2 * score, 0, 0, 0, 0]])
    assert np.isfinite(head_of(800).pooled(columns, np.array([0.3]))).all()
    assert 0 <= expit(np.array([score]))[0] <= 1


def test_logit_and_expit_undo_each_other() -> None:
    p = np.array([1e-9, 0.01, 0.5, 0.99, 1 - 1e-9])
    assert expit(logit(p)) == pytest.approx(p, rel=1e-7)
    assert logit(0.75) == pytest.approx(math.log(3))


def test_the_columns_are_those_of_the_definition() -> None:
    features, threshold, har = synthetic.features(200), np.full(200, 0.012), np.full(200, 0.008)
    columns = head_columns(features, threshold, har)
    assert columns[:, 0] == pytest.approx(math.log(1.5))
    for j, name in ((1, "dvix5"), (2, "dvix22")):
        assert np.array_equal(columns[:, j], features.vix_column(name), equal_nan=True)
    assert np.array_equal(columns[:, 3], features.range_column("neg5"), equal_nan=True)
    wanted = features.vix_column("lvix") - features.range_column("lv22")
    assert np.array_equal(columns[:, 4], wanted, equal_nan=True)
