"""How past forecasts fared: in the walk through the past, in the live record, and both pooled."""

from typing import Any

from aegismatrix_engine.artifacts.manifest import Manifest
from aegismatrix_engine.document.schema import track_record as schema
from aegismatrix_engine.forecasting.models import Models
from aegismatrix_engine.forecasting.origin import Origin
from aegismatrix_engine.record.live import LiveRecord, pooled_rate
from aegismatrix_engine.record.scoring import SignalScore
from aegismatrix_engine.record.skill import Skill as RecordedSkill
from aegismatrix_engine.scores import MeasuredRate


def track_record_block(origin: Origin, models: Models, manifest: Manifest, record: LiveRecord) -> schema.TrackRecord:
    """Walk-forward measurements that came with the model set, beside those of the live record."""
    safe, nearest, calls = models.breach.record, models.breach.nearest_record, models.breakout.record
    return schema.TrackRecord(
        safe_range=schema.SafeRangeRecord(**_rate(safe, record.safe_range), nominal=safe.reference),
        nearest_range=None
        if origin.nearest is None
        else schema.SafeRangeRecord(**_rate(nearest, record.nearest_range), nominal=nearest.reference),
        breakout_calls=schema.BreakoutCallRecord(**_rate(calls, record.breakout_calls), base_rate=calls.reference),
        skill=[
            schema.Skill(
                measure="brier",
                skill_pct=1 - skill.score / skill.climatology,
                **{name: value for name, value in vars(skill).items() if name != "noise"},
            )
            for skill in manifest.training.skill
        ],
        live=[_live_skill(score) for score in record.signals],
    )


def _rate(walk: MeasuredRate, live: MeasuredRate) -> dict[str, Any]:
    measured = {"interval": (walk.low, walk.high), "first": walk.first, "last": walk.last}
    return {
        "kind": "walk_forward",
        "n": walk.n,
        "events": walk.events,
        "rate": walk.rate,
        "basis": "model" if walk.measured else "prior",
        **(measured if walk.measured else {}),
        "live": _live_rate(live),
        "pooled": pooled_rate(walk, live),
    }


def _live_rate(live: MeasuredRate) -> schema.LiveRate:
    return schema.LiveRate(
        state="measured" if live.measured else "not enough yet",
        n=live.n,
        events=live.events,
        rate=live.rate if live.measured else None,
        interval=(live.low, live.high) if live.measured else None,
        first=live.first or None,
        last=live.last or None,
    )


def _live_skill(score: SignalScore) -> schema.LiveSkill:
    claimed: dict[str, Any] = {}
    if score.enough:
        claimed = {"brier": score.brier, "came_true": score.frequency}
        claimed |= _against(score.climatology, "against_climatology", "climatology_interval")
        claimed |= _against(score.vix, "against_index", "index_interval")
    return schema.LiveSkill(
        signal=score.signal,
        event=score.event,
        state="measured" if score.enough else "not enough yet",
        n=score.n,
        events=score.events,
        first=score.first,
        last=score.last,
        **claimed,
    )


def _against(skill: RecordedSkill | None, name: str, interval: str) -> dict[str, Any]:
    if skill is None:
        return {}
    ends = {} if skill.low is None or skill.high is None else {interval: (skill.low, skill.high)}
    return {name: skill.skill, **ends}
