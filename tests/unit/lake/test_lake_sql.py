from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from tests.unit.lake.pages import at, make

from tunelake.errors import ConfigError, Fatal
from tunelake.lake.contracts.contract import load
from tunelake.lake.lake import Lake


@pytest.fixture
def landed(lake: Lake) -> Lake:
    for seconds, name in enumerate("AB"):
        lake.landing.append(make(seconds, {"artists": [{"artist_id": "a", "name": name}]}))
    lake.land()
    return lake


def test_each_table_its_history_and_each_mart_can_be_asked(landed: Lake) -> None:
    landed.write_mart("best", pa.table({"artist_id": ["a"], "score": [0.5]}))
    query = "select name, score from artists join best using (artist_id)"
    assert landed.sql(query).read_all().to_pylist() == [{"name": "B", "score": 0.5}]
    for name in load():
        landed.sql(f"from {name}").read_all()
        history = landed.sql(f"from {name}_history").read_all()
        assert not [column for column in history.column_names if column.startswith("_")]
    assert landed.sql("select count(*) as n from artists_history").read_all().to_pylist() == [{"n": 2}]


@pytest.mark.parametrize("query", ["show tables", "select table_name from information_schema.tables"])
def test_all_tables_are_listed_to_who_names_none(landed: Lake, query: str) -> None:
    (names,) = landed.sql(query).read_all().to_pydict().values()
    assert {"artists", "artists_history", "listens", "raw_pages"} <= set(names)


def test_a_table_is_found_however_its_name_is_written(landed: Lake) -> None:
    assert landed.sql('select * from "ARTISTS_History"').read_all().num_rows
    assert landed.sql("from query_table(concat('art', 'ists'))").read_all().num_rows


def test_a_mart_is_replaced_as_a_whole(landed: Lake) -> None:
    landed.write_mart("best", pa.table({"x": [1, 2]}))
    landed.write_mart("best", pa.table({"y": ["new"]}))
    assert landed.sql("from best").read_all().to_pylist() == [{"y": "new"}]
    with pytest.raises(ConfigError, match="'artists'"):
        landed.write_mart("artists", pa.table({"x": [1]}))


def test_a_mart_without_rows_has_its_columns(landed: Lake) -> None:
    kinds = pa.schema([("name", pa.string()), ("score", pa.float64()), ("songs", pa.list_(pa.string()))])
    landed.write_mart("none", kinds.empty_table())
    found = landed.sql("select name, score, len(songs) as songs from none").read_all()
    assert (found.num_rows, found.column_names) == (0, ["name", "score", "songs"])


def test_a_wrong_table_is_answered_with_the_nearest(landed: Lake) -> None:
    with pytest.raises(ConfigError, match="no table 'artist'; there is artists"):
        landed.sql("select * from artist")
    with pytest.raises(ConfigError, match="no table 'nope'; there is album_artists"):
        landed.current("nope")


def test_a_wrong_column_is_named(landed: Lake) -> None:
    with pytest.raises(ConfigError, match="mood"):
        landed.sql("select mood from artists")


def test_an_error_met_while_reading_is_told_the_same_way(landed: Lake) -> None:
    with pytest.raises(ConfigError, match="Could not convert string"):
        landed.sql("select name::int from artists").read_all()


@pytest.mark.parametrize(
    "query",
    [
        "",
        "select 1; select 2",
        "drop view artists",
        "create table t (x int)",
        "insert into artists values (1)",
        "update artists set name = 'x'",
        "set threads = 1",
        "pragma enable_profiling",
        "install httpfs",
        "attach '{folder}/new.db'",
        "copy artists to '{folder}/out.csv'",
        "copy (select 1) to '{tables}/artists/x.parquet' (format parquet)",
        "export database '{folder}/out'",
        "with x as (select 1) insert into artists select * from x",
        "selec 1",
        # A SELECT may write inside, and an EXPLAIN runs what it explains.
        "with x as (copy artists to '{file}' (format parquet, use_tmp_file false)) select 1",
        "with x as materialized (copy (select 1) to '{file}' (use_tmp_file false)) from x",
        "with x as (insert into artists values (1) returning *) from x",
        "explain analyze copy artists to '{file}' (format parquet, use_tmp_file false)",
        "/* why */ explain analyze copy artists to '{file}' (use_tmp_file false)",
        "explain analyze create table t as select 1",
        "explain analyze with x as (copy artists to '{file}' (use_tmp_file false)) select 1",
        "from query('with x as (copy artists to ''{file}'' (use_tmp_file false)) select 1')",
        "from QUERY('select 1')",
        "prepare p as copy artists to '{file}'",
        "call enable_logging(storage = 'file', storage_path = '{folder}/log')",
        "load '{folder}/x.duckdb_extension'",
        "reset threads",
        "use memory",
    ],
)
def test_only_one_select_is_taken(landed: Lake, tmp_path: Path, query: str) -> None:
    def files() -> dict[Path, bytes]:
        return {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}

    before = files()
    file = next(Path((landed.home.tables / "artists").uri).glob("*.parquet"))
    with pytest.raises(ConfigError):
        landed.sql(query.format(folder=tmp_path, tables=landed.home.tables, file=file)).read_all()
    assert files() == before


@pytest.mark.parametrize(
    "query",
    [
        "explain select * from artists",
        "EXPLAIN ANALYZE from artists",
        "with x as (from artists) select name from x union all select 'COPY_QUERY_NODE'",
        "with recursive t(n) as (select 1 union all select n + 1 from t where n < 5) from t",
        "describe artists",
        "summarize artists",
        "from query_table('artists')",
        """select '"type": "COPY_QUERY_NODE"' as text""",
        "select " + " + ".join(["1"] * 400) + " as sum",
        "-- a remark\nselect 1;",
    ],
)
def test_any_query_that_reads_is_answered(landed: Lake, query: str) -> None:
    assert landed.sql(query).read_all().num_rows


def test_a_damaged_file_is_told(landed: Lake) -> None:
    for file in Path((landed.home.tables / "artists").uri).glob("*.parquet"):
        file.write_bytes(b"no table")
    with pytest.raises(Fatal, match="cannot be read"):
        landed.sql("from artists")


@pytest.mark.parametrize(
    "query",
    [
        "select * from read_csv('/etc/hostname')",
        "select * from read_text('/etc/hostname')",
        "select * from glob('/*')",
        "from '/etc/hostname'",
        "select * from read_parquet('{tables}/../home.json')",
        "select * from read_text('{tables}/artists/../../home.json')",
        "select * from read_blob('{tables}/../raw/landing/00000000000000000000.zst')",
        "select * from sniff_csv('/etc/passwd')",
        "select * from parquet_metadata('/etc/passwd')",
        "select * from read_csv('https://example.org/x.csv')",
        "from '/proc/self/environ'",
        "select getenv('HOME')",
        "from duckdb_secrets()",
        "select * from secret",
    ],
)
def test_nothing_but_the_lake_can_be_read(landed: Lake, query: str) -> None:
    secret = pa.table({"x": [1]})
    with pytest.raises(ConfigError):
        landed.sql(query.format(tables=landed.home.tables)).read_all()
    assert secret.num_rows == 1


def test_the_lake_as_it_was_at_a_time(landed: Lake) -> None:
    landed.write_mart("best", pa.table({"artist_id": ["a"]}))
    names = {
        seconds: [row["name"] for row in landed.sql("from artists", at(seconds)).read_all().to_pylist()]
        for seconds in (-1, 0, 0.5, 1)
    }
    assert names == {-1: [], 0: ["A"], 0.5: ["A"], 1: ["B"]}
    (counted,) = landed.sql("select count(*) as n from artists_history", at(0)).read_all().to_pylist()
    assert counted == {"n": 1}
    with pytest.raises(ConfigError, match="no table 'best'"):
        landed.sql("from best", at(1))
