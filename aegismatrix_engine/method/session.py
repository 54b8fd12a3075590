"""The session in progress and the US night in words."""

from aegismatrix_engine.buyer.session_breakout import LONGEST_OFFSET, MINIMUM_OPEN
from aegismatrix_engine.intraday.model import MINIMUM_SESSIONS, OWN_CLOSES
from aegismatrix_engine.intraday.prior import learnt_from
from aegismatrix_engine.intraday.scale import FEATURES, KNOTS
from aegismatrix_engine.intraday.scale import MINIMUM_ROWS as MINIMUM_SCALE_ROWS
from aegismatrix_engine.intraday.sessions import MINIMUM_BARS, MOMENTS, VIX_BARS
from aegismatrix_engine.markets.trading_clock import BAR
from aegismatrix_engine.method.entry import listed, number, percent, ratio
from aegismatrix_engine.volatility.log_har import HAR_SHARE, RELATIVE_PENALTY
from aegismatrix_engine.volatility.night import CLIP, MINIMUM_NIGHTS, NIGHT_HORIZONS
from aegismatrix_engine.volatility.night import RELATIVE_PENALTY as NIGHT_PENALTY

_MINUTES = number(BAR.seconds // 60)


def inside() -> str:
    """From the newest bar of a session to today's close and the closes after it."""
    features = ", ".join(f"`{name}`" for name in FEATURES)
    return f"""Inside a session today's bars are not a day: features stay those of the last close, and the bars say what
of the day is over. A **moment** is the end of a {_MINUTES}-minute bar on a grid of {MOMENTS}; a session of another
number of bars takes the nearest moments. With `v` a bar's `ln(H/L)^2 / (4 ln 2)` and `g` the open less the close
before:

- **so far**: sum of v up to now + g^2; missing bars are taken to be like those that are there.
- **share left**: sum of v after the moment, with the residual of the official close about the last bar, over the sum of
  all v + g^2, of complete sessions with at least {MINIMUM_BARS} bars.
- **prior variance** to the close j sessions after today: `S_1^2 x share left + max(S_(j+1)^2 - S_1^2, 0)`, S as
  forecast
  at the close before.
- **correction**: ridge regressions of the logarithm of the variance that followed on {features}, one for each moment
  and
  each of j = {listed(KNOTS)}, between them linear in ln(j + 1); penalty {number(RELATIVE_PENALTY)} x n. Gap and move
  are
  in units of S_1 and count only where negative. Under {MINIMUM_SCALE_ROWS} known rows there is no correction. Without
  VIX
  the first four columns alone.
- **scale**: `variance^({ratio(HAR_SHARE)}) x implied^({ratio(1 - HAR_SHARE)})`, then its root, times a unit per moment
  that makes it a standard deviation of official closes; implied is i^2 x (share of a close-to-close variance still open
  + j), with i the median of the last {VIX_BARS} live bars of VIX, or its close before.
- **shape**: at each moment the four outcomes have shapes of their own for the first {OWN_CLOSES} closes, in units of
  this scale; beyond, those of the daily model.

The distribution from there is read like any other: coherence, ranges and breaches follow. A bar's close and an official
close, which is an average of the last half hour, are never mixed within one past return but from bar to official close.

It is learnt from the history's own bars once {MINIMUM_SESSIONS} complete sessions of them are there. Else constants
that
ship with the engine serve, fitted on {learnt_from()}: shares, weights and quantiles, free of units. Then
`direction.today`, `breakout_today` and `forecast.session`, which speak of the running session alone, carry basis prior,
and `health.notes` says so."""


BREAKOUT = f"""The range so far counts: with `hi` and `lo` the extremes so far, the close before among them, today is a
breakout once `hi - lo` exceeds the threshold, and the score is 1. Before that it is the probability of a touch of
`lo + threshold` or `hi - threshold` by the distribution from now, moved in log odds by what the moment missed on
average
in training: at most {number(LONGEST_OFFSET)}, and 0 under {MINIMUM_OPEN} sessions still open then."""

NIGHT = f"""Between the US close and the exchange's open the change `x` of the US VIX is news: from its last close
before
the date of the last session to its last one before the date of the next. Rise and fall, each at most
{percent(CLIP)}, have weights of their own for h = 1 to {NIGHT_HORIZONS}, ridge with penalty {number(NIGHT_PENALTY)} x n
on nights with VIX:

- **mean**: shift of the h-session return in units of S_h.
- **scale**: change of the logarithm of the variance of t+1..t+h.
- **shape**: outcomes less the shift, over the changed scale, have shapes of their own.

Past h = {NIGHT_HORIZONS} the shift in points stays, scale and shape are the plain ones. Under {MINIMUM_NIGHTS} nights
nothing is learnt and nothing applied; nor without VIX. `as_of` is then the US close. Once the exchange has opened the
news is in the price and nothing of it is left.

Calls after the night have margins of their own, by the gate above. Such a call names the side that beats its base rate
only where it is also the likelier one. Inside a session no margin has been measured, so the label is NEUTRAL."""
