"""Market and forecast by hand: levels and their changes, trend and volatility, the distribution at its horizons."""

import math
from typing import Any

from material import Material
from outlook_by_hand import Outlook, at_close, outlook, spread, variance_seen
from scale_by_hand import percentile, range_variance, scale, week_scales
from table import golden

LEVELS = (0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.975, 0.99)
DISTANCES = (0.01, 0.015, 0.02, 0.03, 0.04, 0.05)
SESSIONS = (1, 2, 3, 4, 5, 10, 20, 40)


@golden("market")
def market(m: Material) -> dict[str, float]:
    closes, index = m.daily["close"], m.daily["vix"]
    before = float(closes.iloc[-1] if m.inside else closes.iloc[-2])
    live = m.inside and m.today["vix"].notna().any()
    vix = float(m.today["vix"].dropna().iloc[-1] if live else index.iloc[-1])
    vix_before = float(index.iloc[-1] if live else index.iloc[-2])
    if math.isnan(vix):
        vix = vix_before = 100 * math.sqrt(252) * float(scale(m).blended[21])
    variance = range_variance(m.log).iloc[-22:].sum()
    return {
        "spot": m.spot,
        "spot_change": m.spot - before,
        "spot_change_pct": m.spot / before - 1,
        "vix": vix,
        "vix_change": vix - vix_before,
        "vix_change_pct": vix / vix_before - 1,
        "previous_close": before,
        "trend_sigmas": math.log(closes.iloc[-1] / closes.iloc[-23]) / math.sqrt(variance),
        "volatility_percentile": percentile(week_scales(m), 5 * 252),
    }


def _quantiles(m: Material, ahead: Outlook, step: int) -> list[dict[str, float]]:
    levels = [m.spot * math.exp(ahead.quantile(step, p)) for p in LEVELS]
    return [{"level": p, "points": at - m.spot, "index_level": at} for p, at in zip(LEVELS, levels, strict=True)]


@golden("forecast.horizons")
def horizons(m: Material) -> list[dict[str, Any]]:
    ahead, found = outlook(m), []
    for sessions in SESSIONS:
        step, breaches = m.step(sessions), []
        for distance in DISTANCES:
            beyond = ahead.beyond(step, distance)
            breaches.append(
                {
                    "distance_pct": distance,
                    "close_beyond": beyond.close_up + beyond.close_down,
                    "touch": beyond.touch,
                    "touch_up": beyond.touch_up,
                    "touch_down": beyond.touch_down,
                }
            )
        found.append(
            {
                "sessions": sessions,
                "sigma_pct": ahead.scale[step - 1],
                "p_up": 1 - ahead.below(step, 0.0),
                "quantiles": _quantiles(m, ahead, step),
                "breaches": breaches,
            }
        )
    return found


@golden("forecast.session")
def session(m: Material) -> dict[str, Any] | None:
    if not m.inside:
        return None
    ahead, left = outlook(m), float(m.models.session.intraday.scale.share_left[m.moment - 1])
    return {
        "bars_complete": m.moment,
        "bars": 25,
        "variance_share_left": left,
        "seen_over_expected": variance_seen(m) / (at_close(m).scale[0] ** 2 * (1 - left)),
        "sigma_pct": ahead.scale[0],
        "spread_factor": math.exp(spread(m)),
        "p_up": 1 - ahead.below(1, 0.0),
        "quantiles": _quantiles(m, ahead, 1),
    }
