"""What ``aegis check-models`` finds: every model's standing, the set's age, the calendar's end, frozen signals."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from aegismatrix_engine.artifacts.acceptance import MODEL_OF_SIGNAL
from aegismatrix_engine.artifacts.audit import OLD_AFTER_DAYS, SetReport, age_in_days
from aegismatrix_engine.markets import Market
from aegismatrix_engine.recent import Recent, Still
from aegismatrix_engine.volatility.outcomes import MAX_HORIZON

CALENDAR_MARGIN = 5
"""Sessions before the end of the announced calendar at which it counts as too short to go on with."""


@dataclass(frozen=True)
class ModelCheck:
    """The findings. failures and warnings: one line each; the set is healthy without failures."""

    report: SetReport
    now: pd.Timestamp
    age_days: float | None
    valid_through: str
    frozen: Mapping[str, Still]
    failures: tuple[str, ...]
    warnings: tuple[str, ...]

    @property
    def healthy(self) -> bool:
        """Whether everything is ok or warned of."""
        return not self.failures

    def content(self) -> dict[str, Any]:
        """Everything as plain values, for machines."""
        manifest = self.report.manifest
        return {
            "healthy": self.healthy,
            "checked_at": self.now.isoformat(),
            "failures": list(self.failures),
            "warnings": list(self.warnings),
            "models": [
                {
                    "model": one.name,
                    "status": one.status,
                    "reason": one.reason,
                    "remedy": "" if one.status == "ok" else one.remedy,
                    "probe_error": one.probe_error,
                    "skill": model_skill(self.report, one.name),
                }
                for one in self.report.reports.values()
            ],
            "set": None
            if manifest is None
            else {
                "version": manifest.set_version,
                "engine_version": manifest.engine_version,
                "market": manifest.training.market,
                "trained_at": manifest.training.trained_at,
                "age_days": self.age_days,
                "first": manifest.training.first,
                "last": manifest.training.last,
                "rows": manifest.training.rows,
                "vix_rows": manifest.training.vix_rows,
                "data_hash": manifest.training.data_hash,
                "forced": manifest.forced,
                "environment": manifest.environment,
                "changes": list(self.report.changes),
            },
            "calendar": {"valid_through": self.valid_through},
            "frozen": [
                {"signal": path, "value": still.value, "periods": still.periods} for path, still in self.frozen.items()
            ],
        }


def model_skill(report: SetReport, name: str) -> dict[str, float]:
    """Signal -> walk-forward skill against climatology as a fraction, for the scores of one model."""
    if report.manifest is None:
        return {}
    return {
        one.signal: 1 - one.score / one.climatology
        for one in report.manifest.training.skill
        if any(one.signal.startswith(signal) and model == name for signal, model in MODEL_OF_SIGNAL.items())
    }


def check(report: SetReport, market: Market, recent: Recent | None, now: pd.Timestamp) -> ModelCheck:
    """Judge an audited set at a moment, with the last published values where there are any."""
    failures = [f"{one.name}: {one.status}, {one.finding}" for one in report.unhealthy.values()]
    warnings = [f"another environment than in training: {change}" for change in report.changes]
    age = None if report.manifest is None else age_in_days(report.manifest, now)
    if age is not None and age > OLD_AFTER_DAYS:
        warnings.append(f"the set is {age:.0f} days old; train again, it is refused after 100")
    if report.manifest is not None and report.manifest.forced:
        warnings.append("the set forecasts worse than climatology and was put in place with --force")
    end = market.calendar.valid_through
    today = now.tz_convert(market.zone).tz_localize(None).normalize()
    ahead = market.calendar.following(today, MAX_HORIZON)
    known = int((ahead <= end).sum())
    if known < CALENDAR_MARGIN:
        failures.append(f"the announced calendar ends {end:%Y-%m-%d}, in {known} sessions: update the engine")
    elif known < MAX_HORIZON:
        warnings.append(f"the announced calendar ends {end:%Y-%m-%d}; what lies beyond is provisional")
    frozen = recent.frozen() if recent is not None and recent.market_id == market.id else {}
    failures += [
        f"{path} has stood at {still.value} over {still.periods} of its periods" for path, still in frozen.items()
    ]
    return ModelCheck(
        report=report,
        now=now,
        age_days=age,
        valid_through=f"{end:%Y-%m-%d}",
        frozen=frozen,
        failures=tuple(failures),
        warnings=tuple(warnings),
    )
