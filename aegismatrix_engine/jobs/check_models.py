"""What ``aegis check-models`` finds: each model's status, the set's age, the calendar's end, frozen signals."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from aegismatrix_engine.artifacts.head_proof import HeadProof
from aegismatrix_engine.artifacts.manifest import REMEDY
from aegismatrix_engine.artifacts.reading import Status
from aegismatrix_engine.forecasting.audit import OLD_AFTER_DAYS, ModelReport, SetReport, age_in_days
from aegismatrix_engine.forecasting.models import MODEL_OF_SIGNAL
from aegismatrix_engine.jobs.chosen_market import chosen_market
from aegismatrix_engine.jobs.earlier_state import EarlierState, earlier_state
from aegismatrix_engine.jobs.settings import CheckSettings
from aegismatrix_engine.markets import Market
from aegismatrix_engine.markets.calendar_end import (
    CALENDAR_FILE_NAME,
    EVENT_MARGIN,
    calendar_ends,
    calendar_remedy,
    events_end,
    events_remedy,
)
from aegismatrix_engine.state.last_values import LastValue
from aegismatrix_engine.volatility.near_sessions import NEAR_HORIZONS
from aegismatrix_engine.volatility.outcomes import MAX_HORIZON

CALENDAR_MARGIN = 5
"""Sessions before the end of the announced calendar at which it counts as too short to go on with."""


_MODEL_REMEDIES: Mapping[Status, str] = {
    "missing": f"{REMEDY}, or name the folder of the set with --models",
    "corrupt": f"copy the whole folder again, or {REMEDY}",
    "untrusted": f"find out where it came from and empty the folder, then {REMEDY}",
    "incompatible": f"{REMEDY} with this engine",
    "drifted": f"{REMEDY} in this environment",
    "schema-mismatch": f"{REMEDY} with this engine",
    "expired": REMEDY,
    "future-dated": f"correct the clock of the machine that trained it, then {REMEDY}",
    "unskilled": f"check the bars, then {REMEDY}",
}


@dataclass(frozen=True)
class Finding:
    """Something unhealthy, each field in one line.

    Attributes:
        key: what is unhealthy, and how, without numbers that grow from day to day: findings of one key are the same.
        what: the same with values.
        remedy: how to fix it.
        step: the remedy in a few words, the same for all findings that have the same one.
    """

    key: str
    what: str
    remedy: str
    step: str

    @property
    def line(self) -> str:
        """What and remedy in one line."""
        return f"{self.what}; {self.remedy}"


@dataclass(frozen=True)
class ModelCheck:
    """The findings on a model set at a moment; it is healthy where there are no failures."""

    report: SetReport
    now: pd.Timestamp
    age_days: float | None
    valid_through: str
    frozen: Mapping[str, LastValue]
    failures: tuple[Finding, ...]
    warnings: tuple[str, ...]

    @property
    def healthy(self) -> bool:
        """Whether there are no failures."""
        return not self.failures

    @property
    def steps(self) -> tuple[str, ...]:
        """What to do about all failures together, each step once."""
        return tuple(dict.fromkeys(finding.step for finding in self.failures))

    def content(self) -> dict[str, Any]:
        """Everything as plain values, for machines."""
        manifest = self.report.manifest
        return {
            "healthy": self.healthy,
            "checked_at": self.now.isoformat(),
            "failures": [finding.line for finding in self.failures],
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
            "heads": [] if manifest is None else [head_content(head) for head in manifest.training.heads],
            "calendar": {"valid_through": self.valid_through},
            "frozen": [
                {"signal": path, "value": frozen_value.value, "periods": frozen_value.periods}
                for path, frozen_value in self.frozen.items()
            ],
        }


def head_content(head: HeadProof) -> dict[str, Any]:
    """A head's proof as plain values, with the reason where there is none."""
    return {**asdict(head), "reason": head.reason}


def model_skill(report: SetReport, name: str) -> dict[str, float]:
    """Signal -> walk-forward skill against climatology as a fraction, for the scores of one model."""
    if report.manifest is None:
        return {}
    return {
        one.signal: 1 - one.score / one.climatology
        for one in report.manifest.training.skill
        if any(one.signal.startswith(signal) and model == name for signal, model in MODEL_OF_SIGNAL.items())
    }


def check_set(settings: CheckSettings, now: pd.Timestamp) -> ModelCheck:
    """``check_models`` with the settings of a command."""
    market = chosen_market(settings.market, settings.calendar, settings.markets_dir)
    return check_models(settings.models, market, now, settings.output)


def check_models(models: Path, market: Market, now: pd.Timestamp, output: Path | None = None) -> ModelCheck:
    """Audit a model set and judge it at a moment.

    Args:
        models: folder of the set.
        market: the market that it must have been trained for.
        now: the moment, with a zone.
        output: the document, beside which the last values and a rollback are found; None to judge the set alone.

    Raises:
        ModelsOfAnotherMarket: the set was trained for another market.
        ConfigurationError: the document has the name of a file that is kept beside it.
    """
    return check(earlier_state(models, market, now, output), market, now)


def check(earlier: EarlierState, market: Market, now: pd.Timestamp) -> ModelCheck:
    """Judge at a moment the audited set, the last published values and a rollback."""
    report, last_values, rollback = earlier.report, earlier.last_values, earlier.rollback
    set_version = None if report.manifest is None else report.manifest.set_version
    failures = [_model_finding(one) for one in report.unhealthy.values()]
    warnings = [f"another environment than in training: {change}" for change in report.changes]
    age = None if report.manifest is None else age_in_days(report.manifest, now)
    if age is not None and age > OLD_AFTER_DAYS:
        warnings.append(f"the set is {age:.0f} days old; train again, it is refused after 100")
    if report.manifest is not None and report.manifest.forced:
        warnings.append("the set forecasts worse than climatology and was put in place with --force")
    if rollback.active:
        warnings.append(rollback.note(set_version))
    if market.calendar_file is not None:
        warnings += market.calendar_file.warnings
    end = market.calendar.valid_through
    today = now.tz_convert(market.zone).tz_localize(None).normalize()
    ahead = market.calendar.following(today, MAX_HORIZON)
    covered = int((ahead <= end).sum())
    if covered < CALENDAR_MARGIN:
        what = f"{calendar_ends(market)}, {_ahead(covered)}"
        step = f"extend {CALENDAR_FILE_NAME} or update the engine"
        failures.append(Finding(f"calendar: ends {end:%Y-%m-%d}", what, calendar_remedy(market), step))
    elif covered < MAX_HORIZON:
        warnings.append(f"{calendar_ends(market)}, dates after it are provisional: {calendar_remedy(market)}")
    warnings += _events_warning(market, today)
    known = last_values.known
    frozen = known.frozen() if known is not None and known.market_id == market.id else {}
    warnings += [last_values.fault] if last_values.fault else []
    failures += [_frozen_finding(path, frozen_value) for path, frozen_value in frozen.items()]
    return ModelCheck(
        report=report,
        now=now,
        age_days=age,
        valid_through=f"{end:%Y-%m-%d}",
        frozen=frozen,
        failures=tuple(failures),
        warnings=tuple(warnings),
    )


def _events_warning(market: Market, today: pd.Timestamp) -> list[str]:
    """That the announced events end within 30 sessions, or have ended: forecasts go on without them."""
    found = events_end(market)
    if found is None or market.calendar.following(today, EVENT_MARGIN)[-1] <= found[0]:
        return []
    end, ending = found
    return [
        f"the announced events end {end:%Y-%m-%d}, forecasts of {NEAR_HORIZONS} sessions that reach beyond it are made "
        f"without them: {events_remedy(market, ending)}"
    ]


def _model_finding(report: ModelReport) -> Finding:
    what = f"{report.name}: {report.status}, {report.reason}"
    trains = report.remedy == REMEDY
    remedy = _MODEL_REMEDIES[report.status] if trains else report.remedy
    return Finding(f"model: {report.name} {report.status}", what, remedy, report.remedy)


def _frozen_finding(path: str, frozen_value: LastValue) -> Finding:
    return Finding(
        key=f"frozen: {path}",
        what=f"{path} is unchanged at {frozen_value.value} for {frozen_value.periods} of its periods",
        remedy=f"look at its input first, then {REMEDY}",
        step=f"look at the inputs of the unchanged signals, then {REMEDY}",
    )


def _ahead(sessions: int) -> str:
    return "before the next session" if sessions == 0 else f"in {sessions} session{'s' if sessions != 1 else ''}"
