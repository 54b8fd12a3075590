"""The tables of a backtest, written and read: the same content in either form, and damaged files refused by name."""

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from sample_rows import forecast, resolution

from aegismatrix_engine.backtest.columns import COLUMNS, Kind, typed
from aegismatrix_engine.backtest.forecast_table import forecast_table
from aegismatrix_engine.backtest.tables import CSV, PARQUET, fault_of, read_table, write_table
from aegismatrix_engine.errors import ConfigurationError, DataError, OutputUnwritable
from aegismatrix_engine.record.rows import number

ROOT = Path(__file__).resolve().parents[2]
SUFFIXES = (PARQUET, CSV)


def forecasts() -> pd.DataFrame:
    """Of every kind of cell one, some missing; two are decided."""
    rows = [
        forecast(
            standing="backtest", probability=number(1 / 3), climatology=number(2 / 7, 4), spot=number(15730.123456, 9)
        ),
        forecast(signal="forecast.5.80", event="range", threshold="", lower="15000.25", upper="16000.75"),
        forecast(signal="direction.today", event="up", threshold=number(0.00123456789, 9), vix="1e-05"),
    ]
    came = [resolution(rows[0], observed="301.5"), resolution(rows[2], "0", "-0.0123456789")]
    return forecast_table(rows, {one.forecast: one for one in came})


def quantiles() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "model_id": "aegismatrix-engine",
            "market": "nifty50",
            "reference_date": "2022-06-14",
            "horizon": [1, 1, 5],
            "target": "close",
            "target_end_date": ["2022-06-15", "2022-06-15", "2022-06-21"],
            "output_type": "quantile",
            "output_type_id": [0.1, 0.5, 0.005],
            "value": [15730.05, 0.1 + 0.2, 1 / 3],
        }
    )


def oracle() -> pd.DataFrame:
    dates = pd.to_datetime(["2022-06-15", "2022-06-21"])
    return pd.DataFrame(
        {"market": "nifty50", "target": "close", "target_end_date": dates, "oracle_value": [15692.15, 15638.8]}
    )


TABLES: dict[Kind, pd.DataFrame] = {"forecasts": forecasts(), "quantiles": quantiles(), "oracle": oracle()}


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("kind", list(TABLES))
def test_a_table_comes_back_as_it_was_written(kind: Kind, suffix: str, tmp_path: Path) -> None:
    path = tmp_path / "made" / f"table{suffix}"
    written = write_table(path, TABLES[kind], kind)
    assert (written.rows, written.size) == (len(TABLES[kind]), path.stat().st_size)
    found = read_table(path, kind, written.sha256)
    pd.testing.assert_frame_equal(found, typed(TABLES[kind], kind), check_exact=True)
    assert list(found.columns) == list(COLUMNS[kind])


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_table_without_rows_keeps_its_types(suffix: str, tmp_path: Path) -> None:
    written = write_table(tmp_path / f"table{suffix}", forecasts().iloc[:0], "forecasts")
    found = read_table(tmp_path / f"table{suffix}", "forecasts", written.sha256)
    pd.testing.assert_frame_equal(found, typed(forecasts().iloc[:0], "forecasts"))


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_equal_tables_are_equal_bytes_whatever_the_frame_was_made_of(suffix: str, tmp_path: Path) -> None:
    plain = forecasts().astype({name: object for name, of in COLUMNS["forecasts"].items() if of == "text"})
    turned = plain.iloc[::-1].astype({"signal": "category"}).iloc[::-1]
    shuffled = turned[sorted(turned.columns)].set_axis([7, 5, 9])
    written = [
        write_table(tmp_path / f"{i}{suffix}", one, "forecasts") for i, one in enumerate((forecasts(), plain, shuffled))
    ]
    assert len(set(written)) == 1


def test_other_libraries_find_dates_text_and_numbers(tmp_path: Path) -> None:
    from pyarrow import parquet

    write_table(tmp_path / "table.parquet", forecasts(), "forecasts")
    schema = parquet.read_schema(tmp_path / "table.parquet")
    kinds = {"text": "dictionary<values=string, indices=int32, ordered=0>", "date": "date32[day]"}
    kinds |= {"count": "int64", "number": "double"}
    assert {name: str(schema.field(name).type) for name in schema.names} == {
        name: kinds[of] for name, of in COLUMNS["forecasts"].items()
    }
    assert schema.metadata is None
    write_table(tmp_path / "table.csv.gz", forecasts(), "forecasts")
    read = pd.read_csv(tmp_path / "table.csv.gz")
    assert list(read["origin"]) == ["2022-06-14"] * 3
    assert list(read["outcome"].isna()) == [False, True, False]
    assert read["probability"][0] == float(number(1 / 3))


def test_numbers_are_those_of_the_ledger_digit_by_digit() -> None:
    table = forecasts()
    assert table["spot"][0] == 15730.1235
    assert table["climatology"][0] == 0.2857
    assert table["threshold"][2] == 0.00123456789
    assert [str(day)[:10] for day in table["resolved_on"]] == ["2022-06-30", "NaT", "2022-06-30"]
    assert list(table["as_of"].unique()) == ["2022-06-15T10:00:00+05:30"]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_file_cut_at_any_length_or_with_any_byte_changed_is_refused_by_its_name(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"nifty50-2014-01-02{suffix}"
    written = write_table(path, oracle(), "oracle")
    whole = path.read_bytes()
    assert fault_of(path, written.sha256) is None
    damaged = [whole[:at] for at in range(0, len(whole), 7)]
    damaged += [whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :] for at in range(0, len(whole), 7)]
    for content in damaged:
        path.write_bytes(content)
        assert "was cut or altered" in (fault_of(path, written.sha256) or "")
        with pytest.raises(DataError, match=rf"{path} was cut or altered: .* run `aegis backtest`"):
            read_table(path, "oracle", written.sha256)


def test_what_stands_in_place_of_a_file_is_named(tmp_path: Path) -> None:
    path, digest = tmp_path / "table.parquet", "0" * 64
    with pytest.raises(DataError, match=r"table\.parquet cannot be read \(no such file or directory\)"):
        read_table(path, "oracle", digest)
    path.write_bytes(b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n")
    with pytest.raises(
        DataError, match=r"table\.parquet is a Git LFS pointer, its content is not here; run `git lfs pull`"
    ):
        read_table(path, "oracle", digest)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_bytes_that_are_no_such_table_are_refused_even_with_the_right_digest(suffix: str, tmp_path: Path) -> None:
    import hashlib

    path = tmp_path / f"table{suffix}"
    other = write_table(path, oracle(), "oracle")
    with pytest.raises(DataError, match="is not a table of quantiles"):
        read_table(path, "quantiles", other.sha256)
    whole = path.read_bytes()
    for content in (
        b"",
        b"PAR1",
        whole[: len(whole) // 2],
        whole[:40] + bytes(8) + whole[48:],
        b"\x1f\x8b" + bytes(40),
    ):
        path.write_bytes(content)
        with pytest.raises(DataError, match="is not a table of oracle"):
            read_table(path, "oracle", hashlib.sha256(content).hexdigest())


def test_a_frame_that_does_not_fit_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    for wrong in (oracle().drop(columns="target"), oracle().assign(more=1), oracle().assign(market=["nifty50", None])):
        with pytest.raises(ValueError, match=r"columns|has no value in row 1"):
            write_table(path, wrong, "oracle")
    assert not path.exists()


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "oracle").write_text("a file")
    with pytest.raises(OutputUnwritable, match="oracle"):
        write_table(tmp_path / "oracle" / "table.csv.gz", oracle(), "oracle")


WITHOUT_PYARROW = """
import sys
sys.modules["pyarrow"] = None
from pathlib import Path
from test_backtest_tables import TABLES
from aegismatrix_engine.backtest.tables import read_table, table_suffix, write_table
folder = Path(sys.argv[1])
print(table_suffix())
for kind, frame in TABLES.items():
    print(write_table(folder / f"{kind}.csv.gz", frame, kind).sha256)
writes = lambda: write_table(folder / "x.parquet", frame, kind)
reads = lambda: read_table(folder / "p.parquet", kind, sys.argv[2])
for act in (writes, reads):
    try:
        act()
    except Exception as error:
        print(type(error).__name__, error)
"""


def test_without_pyarrow_the_same_content_is_written_as_csv(tmp_path: Path) -> None:
    with_it = write_table(tmp_path / "p.parquet", oracle(), "oracle")
    expected = [write_table(tmp_path / "here" / f"{kind}.csv.gz", frame, kind).sha256 for kind, frame in TABLES.items()]
    ran = subprocess.run(
        [sys.executable, "-c", WITHOUT_PYARROW, str(tmp_path), with_it.sha256],
        env={"PYTHONPATH": ":".join(map(str, (ROOT, ROOT / "tests" / "backtest", ROOT / "tests" / "record")))},
        capture_output=True,
        text=True,
        check=True,
    )
    suffix, *digests = ran.stdout.splitlines()
    assert suffix == CSV
    assert digests[:3] == expected
    refusal = f"{ConfigurationError.__name__} Parquet files need pyarrow: pip install 'aegismatrix-engine[backtest]'"
    assert digests[3:] == [refusal, refusal]
