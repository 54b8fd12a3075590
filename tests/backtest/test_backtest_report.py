"""The report of a backtest equals what plain pandas makes of its files, and counts no overlapping forecast twice."""

import json
import math
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from recomputed import Bars, happened, one_score, wilson
from simulated_backtest import ORIGINS, SESSIONS
from simulated_market import simulated

from aegismatrix_engine.backtest.block_files import block_fault, finished_blocks, read_blocks
from aegismatrix_engine.backtest.comparison import signal_reports
from aegismatrix_engine.backtest.quantile_scores import crps, horizon_reports
from aegismatrix_engine.backtest.report import backtest_report
from aegismatrix_engine.backtest.report_tables import page, tables
from aegismatrix_engine.backtest.scored_forecasts import HORIZON_BANDS, by_horizon, scored_frame
from aegismatrix_engine.backtest.tables import CSV, write_table
from aegismatrix_engine.errors import DataError
from aegismatrix_engine.jobs.backtest_report import report, write_page
from aegismatrix_engine.record.ledger import Ledger
from aegismatrix_engine.record.report import table_rows
from aegismatrix_engine.record.rows import ForecastRow, ResolutionRow, number
from aegismatrix_engine.record.scoring import resolved_frame, scores

NOW = pd.Timestamp("2026-06-30T18:00:00+05:30")
FAMILY = r"(probabilities|curve)\.\d+$"


def plain(folder: Path) -> pd.DataFrame:
    """The decided forecasts as other software reads them, dates as text, nothing as ''."""
    files = sorted((folder / "forecasts").glob("*.parquet"))
    table = pd.concat([pd.read_parquet(path) for path in files], ignore_index=True)
    dates = {name: table[name].astype(str) for name in ("origin", "until", "training_end")}
    names = ("signal", "event", "as_of", "basis", "standing")
    table = table.assign(**dates, **{name: table[name].astype(str) for name in names})
    table["name"] = table["signal"].str.replace(FAMILY, r"\1", regex=True)
    return table[table["outcome"].notna()].reset_index(drop=True)


def groups(table: pd.DataFrame) -> dict[tuple[str, str], pd.DataFrame]:
    return {(str(name), str(event)): part for (name, event), part in table.groupby(["name", "event"])}


def test_outcomes_in_the_files_are_what_the_bars_say(backtest: Path) -> None:
    bars = Bars(simulated(SESSIONS).frame, pd.DataFrame(columns=["high", "low"]), frozenset())
    decided = plain(backtest)
    assert decided["origin"].nunique() == ORIGINS
    found = [happened(row, bars) for row in decided.itertuples(index=False)]
    assert [came for came, _ in found] == list(decided["outcome"] == 1.0)
    assert [value for _, value in found] == pytest.approx(list(decided["observed"]), rel=1e-8)


def test_scores_equal_an_independent_computation(backtest: Path) -> None:
    found = {(one.score.signal, one.score.event): one for one in report(backtest, NOW).signals}
    expected = groups(plain(backtest))
    assert len(expected) == 10
    assert set(found) == set(expected)
    for name, part in expected.items():
        recomputed = one_score(part, part["outcome"].to_numpy())
        score = asdict(found[name].score)
        for field in ("n", "events", "first", "last"):
            assert score[field] == recomputed[field], (name, field)
        for field in ("frequency", "brier", "log"):
            assert score[field] == pytest.approx(recomputed[field], rel=1e-9), (name, field)
        for baseline in ("climatology", "vix"):
            assert found[name].against[baseline].skill.skill == pytest.approx(recomputed[baseline], abs=1e-9), name
            assert score[baseline]["skill"] == pytest.approx(recomputed[baseline], abs=1e-9), name


def test_the_records_scoring_takes_the_files_as_it_takes_a_ledger(backtest: Path) -> None:
    table = read_blocks(backtest, finished_blocks(backtest), "forecasts")
    ledger = Ledger()
    for row in table.itertuples(index=False):
        text = {name: str(getattr(row, name)) for name in ("as_of", "generated_at", "market", "signal", "event")}
        dates = {name: f"{getattr(row, name):%Y-%m-%d}" for name in ("origin", "until", "training_end")}
        numbers = {name: (getattr(row, name), 9) for name in ("spot", "threshold", "lower", "upper")}
        numbers |= {name: (getattr(row, name), 6) for name in ("probability", "climatology", "vix", "priced")}
        cells = {
            name: number(None if math.isnan(value) else value, digits) for name, (value, digits) in numbers.items()
        }
        more = {
            name: str(getattr(row, name)) for name in ("standing", "model_set", "basis", "schema_version", "sessions")
        }
        forecast = ForecastRow(**text, **dates, **cells, **more)
        ledger.forecasts[forecast.key] = forecast
        if not math.isnan(row.outcome):
            known_at = f"{row.resolved_on:%Y-%m-%d}T15:30:00+05:30"
            ledger.resolutions[forecast.key] = ResolutionRow(
                forecast.key, forecast.as_of, known_at, known_at, forecast.market, forecast.signal, forecast.event,
                forecast.until, str(int(row.outcome)), number(row.observed, 9),
            )  # fmt: skip
    of_ledger = resolved_frame(ledger, "backtest")
    of_files = scored_frame(table)
    order = ["signal", "event", "until", "origin", "probability", "outcome"]
    left, right = (frame.sort_values(order, ignore_index=True) for frame in (of_ledger, of_files))
    pd.testing.assert_frame_equal(left, right[list(left.columns)], check_exact=True)
    assert table_rows(scores(of_ledger)) == table_rows(scores(of_files))


def test_events_that_overlap_are_not_counted_as_independent(backtest: Path) -> None:
    found = {(one.score.signal, one.score.event): one for one in report(backtest, NOW).signals}
    for horizon in (1, 5, 20):
        one = found[f"forecast.{horizon}.80", "range"]
        assert one.independent == one.score.events // horizon
        assert one.score.interval == pytest.approx(wilson(one.score.frequency, one.independent), abs=1e-9)
    assert found["forecast.20.80", "range"].against["climatology"].t is None
    assert found["forecast.1.80", "range"].independent > 150
    monthly = found["seller.breach_probabilities", "touch"]
    assert monthly.score.events <= 12
    assert monthly.independent <= monthly.score.events


def test_t_values_are_those_of_diebold_and_mariano_with_newey_west_errors(backtest: Path) -> None:
    found = {(one.score.signal, one.score.event): one for one in report(backtest, NOW).signals}
    decided = groups(plain(backtest))
    for name, horizon in ((("direction.today", "up"), 1), (("buyer.theta_edge", "straddle"), 5)):
        part = decided[name].sort_values("until")
        better = (part["climatology"] - part["outcome"]) ** 2 - (part["probability"] - part["outcome"]) ** 2
        centred = (better - better.mean()).to_numpy()
        lag = round(1.5 * horizon) + 5
        total = sum(centred**2)
        for k in range(1, lag + 1):
            total += 2 * (1 - k / (lag + 1)) * sum(a * b for a, b in zip(centred[k:], centred, strict=False))
        expected = better.mean() / (math.sqrt(total) / len(better))
        assert found[name].against["climatology"].t == pytest.approx(expected, rel=1e-6)


def test_by_horizon_an_event_weighs_one_in_each_band(backtest: Path) -> None:
    table = read_blocks(backtest, finished_blocks(backtest), "forecasts")
    decided = plain(backtest)
    parts = list(by_horizon(scored_frame(table)))
    assert {str(signal) for part in parts for signal in part["signal"]} == {"seller.breach_probabilities"}
    assert len(parts) == len(HORIZON_BANDS)
    for (low, high), part in zip(HORIZON_BANDS, parts, strict=True):
        for one in signal_reports(part, ("climatology", "vix")):
            mine = decided[(decided["name"] == one.score.signal) & (decided["event"] == one.score.event)]
            mine = mine[mine["sessions"].between(low, high)]
            expected = one_score(mine, mine["outcome"].to_numpy())
            assert (one.score.n, one.score.events) == (expected["n"], expected["events"])
            assert one.score.brier == pytest.approx(expected["brier"], rel=1e-9)
            assert low <= one.sessions[0] <= one.sessions[1] <= high


def test_years_are_those_of_the_outcome(backtest: Path) -> None:
    (up,) = [
        one for one in report(backtest, NOW).signals if (one.score.signal, one.score.event) == ("direction.today", "up")
    ]
    decided = groups(plain(backtest))["direction.today", "up"]
    for year, part in decided.groupby(decided["until"].str[:4]):
        (mine,) = [one for one in up.by_year if one.name == year]
        ours, theirs = ((part[name] - part["outcome"]).pow(2).sum() for name in ("probability", "vix"))
        assert mine.events == part["until"].nunique()
        assert mine.skill["vix"] == pytest.approx(1 - ours / theirs, rel=1e-9)


def test_coverage_and_the_share_below_each_quantile_equal_a_count_by_hand(backtest: Path) -> None:
    quantiles, oracle = (pd.read_parquet(backtest / kind) for kind in ("quantiles", "oracle"))
    close = dict(zip(oracle["target_end_date"], oracle["oracle_value"], strict=True))
    for one in report(backtest, NOW).quantiles:
        mine = quantiles[quantiles["horizon"] == one.horizon]
        below: dict[float, list[bool]] = {}
        inside = []
        for (_, end), day in mine.groupby(["reference_date", "target_end_date"]):
            if end in close:
                values = dict(zip(day["output_type_id"], day["value"], strict=True))
                inside.append(values[0.1] <= close[end] <= values[0.9])
                for level, value in values.items():
                    below.setdefault(level, []).append(close[end] <= value)
        assert one.n == len(inside)
        assert one.independent == len(inside) // one.horizon
        (share,) = [share for share in one.coverage if share.meant == 0.8]
        assert share.found == pytest.approx(np.mean(inside))
        assert share.interval == pytest.approx(wilson(float(np.mean(inside)), one.independent), abs=1e-9)
        assert {share.meant: share.found for share in one.pit} == pytest.approx(
            {level: np.mean(found) for level, found in below.items()}
        )


def test_crps_from_quantiles_is_near_that_of_the_normal_distribution() -> None:
    from scipy.stats import norm

    levels = np.array([0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.975, 0.99])
    close = np.random.default_rng(3).standard_normal(4000)
    for sd in (0.7, 1.0, 1.4):
        z = close / sd
        # Gneiting and Raftery (2007), Strictly proper scoring rules: the formula of the normal distribution.
        exact = sd * (z * (2 * norm.cdf(z) - 1) + 2 * norm.pdf(z) - 1 / math.sqrt(math.pi))
        found = crps(levels, np.tile(sd * norm.ppf(levels), (len(close), 1)), close)
        assert found.mean() == pytest.approx(exact.mean(), rel=0.01)
        assert np.corrcoef(found, exact)[0, 1] > 0.999


def test_distributions_of_other_models_are_compared_on_the_same_closes(backtest: Path) -> None:
    blocks = finished_blocks(backtest)
    quantiles, oracle = (read_blocks(backtest, blocks, kind) for kind in ("quantiles", "oracle"))
    # The same medians, and everything else twice as far from them.
    middle = quantiles[quantiles["output_type_id"] == 0.5].set_index(["reference_date", "horizon"])["value"]
    at = pd.MultiIndex.from_frame(quantiles[["reference_date", "horizon"]])
    wide = 2 * quantiles["value"].to_numpy() - middle.reindex(at).to_numpy()
    other = quantiles.astype({"model_id": object}).assign(model_id="wide", value=wide)
    both = pd.concat([quantiles, other], ignore_index=True)
    for one in horizon_reports(both, oracle):
        assert one.against["wide"].n == one.n
        assert one.against["wide"].skill > 0.02
    assert horizon_reports(both, oracle)[0].against["wide"].t > 2  # type: ignore[operator]


def test_the_numbers_of_events_come_before_any_skill(backtest: Path) -> None:
    found = report(backtest, NOW)
    assert next(title for title, _ in tables(found)) == "Events"
    content = found.content()
    text = json.dumps(content, allow_nan=False)
    assert text.index('"events"') < text.index('"skill"')
    counted = {(one["signal"], one["event"]): one for one in content["events"]}
    assert counted["forecast.5.80", "range"]["independent"] == counted["forecast.5.80", "range"]["events"] // 5
    assert not counted["seller.breach_probabilities", "touch"]["enough"]
    assert content["forecasts"] == ORIGINS * 12
    assert content["open"] > 0
    row = next(row for _, table in tables(found) for row in table[1] if row[0] == "seller.breach_probabilities touch")
    assert row[-1] != "not enough yet"
    skill = dict(tables(found))["Skill"][1]
    assert [row[2] for row in skill if row[0] == "seller.breach_probabilities touch"] == ["not enough yet"]


def test_the_page_is_whole_and_asks_nobody_for_anything(backtest: Path, tmp_path: Path) -> None:
    from test_record_report import Page

    found = report(backtest, NOW)
    write_page(tmp_path / "report.html", [found])
    shown = Page((tmp_path / "report.html").read_text(encoding="utf-8"))
    assert shown.open == []
    assert "script" not in shown.seen
    assert not [value for name, value in shown.attributes if name in {"src", "href"}]
    assert any(row[0] == "forecast.5.80 range" for row in shown.rows if row)
    assert (tmp_path / "report.html").read_text(encoding="utf-8") == page([found])


def copied(backtest: Path, folder: Path) -> Path:
    return Path(shutil.copytree(backtest, folder))


def test_a_file_that_was_cut_altered_or_removed_is_named(backtest: Path, tmp_path: Path) -> None:
    for kind in ("forecasts", "quantiles", "oracle"):
        folder = copied(backtest, tmp_path / kind)
        path = sorted((folder / kind).iterdir())[1]
        whole = path.read_bytes()
        for content in (whole[:-1], whole[:100] + b"\0" + whole[101:]):
            path.write_bytes(content)
            with pytest.raises(DataError, match=rf"{path.name} was cut or altered"):
                report(folder, NOW)
        path.unlink()
        with pytest.raises(DataError, match=rf"{path.name} cannot be read"):
            report(folder, NOW)
        faults = [block_fault(folder, block) for block in finished_blocks(folder)]
        assert [fault is None for fault in faults] == [True, False, True, True]
        assert str(path) in str(faults[1])


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b'{"blocks": [{"market": 5}]}', b"\xff\xfe", b"[" * 5000])
def test_a_file_that_is_no_run_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "run.json").write_bytes(content)
    with pytest.raises(DataError, match=r"run\.json is not the file of a backtest") as refused:
        finished_blocks(tmp_path)
    assert "pydantic" not in str(refused.value)
    assert "('blocks')" not in str(refused.value)


def test_a_folder_without_a_block_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"run\.json cannot be read \(no such file or directory\)"):
        report(tmp_path, NOW)
    (tmp_path / "run.json").write_text('{"blocks": []}')
    with pytest.raises(DataError, match="no block of the backtest is done"):
        report(tmp_path, NOW)


def as_csv(backtest: Path, folder: Path) -> Path:
    """The same backtest in the other form."""
    content: dict[str, Any] = json.loads((backtest / "run.json").read_text())
    for block, found in zip(content["blocks"], finished_blocks(backtest), strict=True):
        for kind, file in block["files"].items():
            table = read_blocks(backtest, [found], kind)
            file["path"] = file["path"].replace(".parquet", CSV)
            file |= asdict(write_table(folder / file["path"], table, kind))
    (folder / "run.json").write_text(json.dumps(content))
    return folder


def test_both_forms_of_the_files_give_the_same_report(backtest: Path, tmp_path: Path) -> None:
    assert report(as_csv(backtest, tmp_path), NOW).content() == report(backtest, NOW).content()


def test_two_blocks_that_disagree_about_a_close_are_refused(backtest: Path, tmp_path: Path) -> None:
    blocks = finished_blocks(backtest)
    oracle = read_blocks(backtest, blocks, "oracle")
    assert oracle["target_end_date"].is_unique
    folder = copied(backtest, tmp_path / "b")
    last = blocks[1].files["oracle"]
    changed = read_blocks(backtest, blocks[1:2], "oracle")
    shared = changed["target_end_date"].isin(read_blocks(backtest, blocks[:1], "oracle")["target_end_date"])
    assert shared.any()
    changed.loc[shared, "oracle_value"] += 1
    content = json.loads((folder / "run.json").read_text())
    content["blocks"][1]["files"]["oracle"] |= asdict(write_table(folder / last.path, changed, "oracle"))
    (folder / "run.json").write_text(json.dumps(content))
    with pytest.raises(DataError, match="two blocks disagree about the close of"):
        report(folder, NOW)


def test_a_report_of_open_forecasts_alone_claims_nothing(backtest: Path) -> None:
    blocks = finished_blocks(backtest)
    forecasts, quantiles, oracle = (
        read_blocks(backtest, blocks, kind) for kind in ("forecasts", "quantiles", "oracle")
    )
    opened = forecasts.assign(outcome=np.nan, observed=np.nan, resolved_on=pd.NaT)
    found = backtest_report(blocks, opened, quantiles, oracle.iloc[:0])
    assert (found.open, found.signals, found.quantiles) == (len(forecasts), [], [])
    assert page([found])
