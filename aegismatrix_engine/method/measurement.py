"""How forecasts are measured, labels cut and calls gated, and what happens with less data, in words."""

from aegismatrix_engine.buyer.payoff import BLOCK_SESSIONS
from aegismatrix_engine.buyer.spike_side import MINIMUM_BREAKOUTS
from aegismatrix_engine.buyer.targets import BREAKOUT_PRIOR, STRADDLE_PRIOR
from aegismatrix_engine.direction.model import MARGINS
from aegismatrix_engine.direction.targets import DEAD_ZONE
from aegismatrix_engine.document.update_frequency import SATURATED
from aegismatrix_engine.history import VIX_CARRIED_SESSIONS
from aegismatrix_engine.intraday.model import MINIMUM_SESSIONS as MINIMUM_INTRADAY_SESSIONS
from aegismatrix_engine.intraday.profile import MINIMUM_SESSIONS, PRIOR_SHARES
from aegismatrix_engine.markets import get_market, known_markets
from aegismatrix_engine.markets.expiries import PRIMARY_DAYS, SESSIONS_BEFORE_WEEKLIES
from aegismatrix_engine.method.entry import listed, number, percent, ratio, table
from aegismatrix_engine.scores import MINIMUM_EVENTS
from aegismatrix_engine.seller.targets import STRESS_PRIOR, TRAP_PRIOR
from aegismatrix_engine.state.last_values import FROZEN_AFTER
from aegismatrix_engine.training.measures import MINIMUM_CALLS, PROVEN_T
from aegismatrix_engine.training.train import MINIMUM_TRAINING_SESSIONS
from aegismatrix_engine.training.walk_forward import FIRST_ORIGIN, REFIT_INTERVAL
from aegismatrix_engine.volatility.conformal import COVERAGES
from aegismatrix_engine.volatility.daily_series import SESSIONS_PER_YEAR
from aegismatrix_engine.volatility.event_head import MINIMUM_ROWS, SHORT_HISTORY
from aegismatrix_engine.volatility.features import BURN_IN, VIX_FEATURES
from aegismatrix_engine.volatility.label_cuts import ASSUMED_CUTS, HIGH_SHARE, LOW_SHARE, MINIMUM_SCORES

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")


def expiries() -> str:
    """Which expiry each signal speaks of, and the rules they follow."""
    rows = []
    for market in map(get_market, known_markets()):
        for i, rule in enumerate(market.expiry_rules.rules):
            day = _WEEKDAYS[rule.weekday]
            weekly = f"every {day} but the monthly one" if rule.weekly else "none"
            first = f"{rule.since:%Y-%m-%d}" if i else "the start"
            rows.append((market.name, first, f"{rule.monthly} {day} of the month", weekly, str(market.strike_step)))
    head = ("market", "expiries from", "monthly", "weekly", "strike step")
    return f"""An expiry falls on the last regular session up to its scheduled day, so a holiday moves it back, never
forward. Sessions left are the regular sessions up to the expiry after the last close, the one in progress counted in.
After the close of an expiry day that
expiry is past.

- **Primary**: the next monthly expiry at least {PRIMARY_DAYS} calendar days away. Safe range, breach probabilities,
max pain and skew speak of it.
- **Nearest**: the next expiry of any kind. Stress and theta speak of it. Before weekly expiries were listed
  {SESSIONS_BEFORE_WEEKLIES} sessions stand for it, and `expiry` is absent.
- **Listed**: the next two monthly and the next two weekly ones, in order of date, in `seller.expiries`.

{table(head, rows)}"""


WALK = f"""A forecast needs {BURN_IN} regular sessions, training {MINIMUM_TRAINING_SESSIONS}. The model that is stored
is fitted on all of them. What is measured comes from a walk through the same history:

- First origin: session {FIRST_ORIGIN + 1}. Refit: every {REFIT_INTERVAL} sessions, on all sessions up to the first
origin of the block.
- Every session of the block is forecast by that fit. Nothing after an origin reaches its forecast: an outcome that
was not yet known at the refit is left out of the fit, so the purge equals the horizon.
- Sessions without VIX are forecast without it, as below.
- The stored model is newer than those the walk measured. Stored scores are those of the method, not of this fit.
- With {FIRST_ORIGIN} sessions or fewer there is no walk: cuts, margins and rates are the assumed ones below."""

RATES = f"""**Hit rate.** At every origin of the walk the safe range is made as it would have been published, with the
miss rates known that day. `rate` is the share of origins whose primary expiry closed inside. Origins of one expiry
share one outcome, so `events` counts expiries, and the interval is Wilson's (1927) at 95 % on `events`.

**Spike rate.** A call is a next-session breakout score above the median of all scores before it in the walk. `rate`
is the share of calls that were followed by a breakout; each call is an event.

**Too little.** With fewer than {MINIMUM_EVENTS} events `rate` is the nominal level ({percent(COVERAGES[0])}) or the
base rate, `n` is 0, `basis` is prior, and `health` says so.

**Skill.** `score` is the mean of (probability - outcome)^2 (Brier, 1950), outcome 1 or 0. `climatology` is the same
of the base rate as known at the refit, on the same sessions. `skill_pct = 1 - score / climatology`. A probability
without a volatility index is not scored."""

CUTS = f"""Labels of trap, stress and breakout compare a score with its base rate: `ratio = score / base rate`. LOW or
CALM below the low cut, HIGH or HOSTILE from the high cut on, else MEDIUM or CAUTION. The cuts are the
{ratio(LOW_SHARE)} and {ratio(HIGH_SHARE)} quantiles of the ratio over the walk, so the lowest {ratio(LOW_SHARE)} of
the past is LOW and the highest {ratio(1 - HIGH_SHARE)} HIGH. They are stored with the model. With fewer than
{MINIMUM_SCORES} scores they are {number(ASSUMED_CUTS.low)} and {number(ASSUMED_CUTS.high)}. A label says how a score
stands in its own past. It does not say that HIGH is likely: a high breakout score can be well under one half."""

GATE = f"""The base rates ask what a forecaster without a view on the sign would say at today's volatility:
`base_up = s x (p_up + p_down)`, `base_down = (1 - s) x (p_up + p_down)`. `s` is the long-run share of ups among moves
beyond the dead zone of {percent(DEAD_ZONE)} x sqrt(h), in training, with one pseudo-observation on each side. `p_up +
p_down` is the probability of any such move today. `edge = p_up - base_up = base_down - p_down` is then a view on the
sign alone.

A call needs a margin that has proven itself. Margins of {listed(MARGINS, "or")} are tried in that order on the walk;
the first with at least {MINIMUM_CALLS} calls whose mean (came true - base rate) is above {number(PROVEN_T)} standard
errors, and above 0 in both halves of the walk, is kept. The standard error allows for overlapping horizons (Newey and
West, 1987, lag 1.5 h + 5).

A side that is less likely than the other is never called, however far above its base rate it stands. Spot and a
volatility index forecast how far the index moves, hardly which way. So at a close `edge` stays small, no margin proves
itself, and the label is nearly always NEUTRAL. Under NEUTRAL `p_up`, `p_down`, points and conviction are still
published."""


def without_vix() -> str:
    """What each part does where the volatility index is not known."""
    rows = (
        ("scale, shape, ranges, breaches", "the range block alone; shapes that were standardised without VIX"),
        (
            "`market.vix`",
            f"the close if at most {VIX_CARRIED_SESSIONS} sessions old, else 100 x sqrt({SESSIONS_PER_YEAR}) x B_22 "
            "and change 0",
        ),
        ("`i` in stress, theta and reasons", "B_22"),
        ("trap, expiry_stress, theta_edge", "the base rate of training, basis prior"),
        ("iv_percentile", "that of realised volatility"),
        ("seller_flag, buyer_environment", "basis prior, because what they stand on is"),
        ("breakouts", "the shape without VIX alone, no head"),
        ("direction, risk, forecast", "basis model; from the distribution without VIX"),
    )
    return f"""VIX counts as known at a session if its last {_vix_window()} sessions each have a close, carried
forward over at most {VIX_CARRIED_SESSIONS} sessions and never backwards. Otherwise the forecast is made without it.
`health` then names forecast and every block of basis prior, and market where its vix or the change of it is not the
published one, with the reason:

{table(("part", "without VIX"), rows)}"""


def _vix_window() -> int:
    return max(int(name[4:]) for name in VIX_FEATURES if name.startswith("dvix"))


def without_model() -> str:
    """What stands in for each model that is not healthy."""
    rows = (
        ("distribution", "one scale for every session, exp of the mean log variance; the shape of past moves over it"),
        ("direction", "the share of ups of the history; no margin is proven, so NEUTRAL"),
        ("trap, stress, theta, breakout", "base rates of the history"),
        ("theta, besides", "the pay-off of past straddles; EDGE_JUSTIFIES_PREMIUM is never said"),
        ("breach", "miss rates 1 - coverage; the hit rate is the nominal one"),
        ("spike", "the share of all breakouts, whatever the week"),
        ("gamma", "the shares of priors in use"),
        ("session", "the constants that ship, over the distribution at hand"),
        ("night", "nothing: the forecast of the close stands"),
        ("label cuts of any of these", f"{number(ASSUMED_CUTS.low)} and {number(ASSUMED_CUTS.high)}"),
    )
    return f"""A model is audited, loaded and asked its probes before it is used. One that fails is refused, and with it
the document, unless `--allow-degraded` is given. Then climatology stands in for it, made from the bars of the document
alone: how often and how far, not when. Every block that declares the model has `basis` prior and stands in
`health.degraded` with the reason; healthy models go on as before.

{table(("model", "climatology"), rows)}"""


FROZEN = f"""Each number of market, direction, seller, buyer and forecast has a pace at which it should move: with every
document of a later moment (every bar inside a session, every close outside one), every session, every primary expiry;
or none, where it moves with an event that need not
come or is a constant by definition. A period counts where the number, as published, is the one before although spot
moved. A fraction below {number(SATURATED)} or above {number(1 - SATURATED)} may stay where it is. After
{FROZEN_AFTER} such periods in a row it is frozen, until it moves. Nothing counts in a block of basis prior, which is
told as such; in the change of a VIX that is not published; in a document of no later moment."""


def priors() -> str:
    """Every number that is assumed rather than measured, with the case."""
    rows = (
        ("base rate of trap", number(TRAP_PRIOR), "weighs as much as one known outcome"),
        ("base rate of stress", number(STRESS_PRIOR), "the same"),
        ("base rate of breakout", number(BREAKOUT_PRIOR), "the same"),
        ("base rate of straddle", number(STRADDLE_PRIOR), "the same"),
        ("share of ups", "0.5", "weighs as much as two moves"),
        ("label cuts", f"{number(ASSUMED_CUTS.low)} and {number(ASSUMED_CUTS.high)}", f"under {MINIMUM_SCORES} scores"),
        ("hit rate", number(COVERAGES[0]), f"under {MINIMUM_EVENTS} expiries in the walk"),
        ("spike rate", "base rate", f"under {MINIMUM_EVENTS} calls in the walk"),
        ("miss rates", "1 - coverage", "no walk"),
        (
            "share of variance by window",
            " ".join(map(number, PRIOR_SHARES)),
            f"under {MINIMUM_SESSIONS} intraday sessions",
        ),
        ("relative error of the pay-off", "1", f"under {2 * BLOCK_SESSIONS} known outcomes"),
        ("side of a breakout", "share of all breakouts", f"under {MINIMUM_BREAKOUTS} after a rising or a falling week"),
        ("head and shape", "drawn halfway to the base rate", f"under {SHORT_HISTORY} training rows"),
        ("trap, theta", "base rate", f"under {MINIMUM_ROWS} training rows with VIX, or no VIX"),
        ("stress", "base rate", "no VIX"),
        (
            "inside a session: shares left, weights, shapes",
            "constants that ship",
            f"under {MINIMUM_INTRADAY_SESSIONS} complete sessions of bars",
        ),
    )
    return f"""The shares by window were measured on NIFTY 50 bars of 2015 to 2022 and serve every market. Base rates
before any outcome are frequencies on NIFTY 50, 2009 to 2022.

{table(("what", "assumed", "when"), rows)}"""
