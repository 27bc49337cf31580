"""One suite over every place where a lake can be kept."""

from __future__ import annotations

import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import CommitProperties, Transaction, write_deltalake
from tests.servers.s3 import S3
from tests.servers.s3_proxy import s3_proxy

from tunelake.errors import Fatal, Retryable
from tunelake.lake.contracts.contract import load as load_contracts
from tunelake.lake.contracts.schema import log_schema
from tunelake.lake.erasure.delta_retire import retire
from tunelake.lake.places.folder_place import FolderPlace
from tunelake.lake.places.place import Place
from tunelake.lake.places.s3_bucket import S3Bucket
from tunelake.lake.places.s3_place import S3Place, place_at
from tunelake.lake.tables.delta_tables import DeltaTables
from tunelake.settings import load


@pytest.fixture(params=["folder", "bucket"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    if request.param == "folder":
        return FolderPlace(tmp_path / "a lake") / "part"
    s3: S3 = request.getfixturevalue("s3")
    return place_at(f"s3://{s3.new_bucket()}/a/lake", load(s3.environ).aws, tmp_path) / "part"


def test_files_are_whole_listed_in_order_and_removed(place: Place) -> None:
    assert list(place.files()) == []
    assert place.tables() == []
    place.write("b", b"1")
    place.write("a/x", bytes(1000))
    place.write("b", b"22")
    assert [(file.name, file.size) for file in place.files()] == [("a/x", 1000), ("b", 2)]
    assert (place / "a").read("x") == bytes(1000)
    assert place.read("b") == b"22"
    place.remove("b")
    place.remove("b")
    with pytest.raises(Fatal, match="b"):
        place.read("b")
    place.clear()
    place.clear()
    assert list(place.files()) == []


def test_a_table_is_opened_and_read_where_it_is(place: Place) -> None:
    assert (place / "songs").delta() is None
    for number in range(2):
        target, rows = place / "songs", pa.table({"n": [number]})
        write_deltalake(target.uri, rows, mode="append", storage_options=dict(target.options))
    place.write("other/file", b"no table")
    assert place.tables() == ["songs"]
    table = (place / "songs").delta()
    assert table is not None
    assert table.version() == 1
    files = (place / "songs").local(table.file_uris())
    assert sorted(number for file in files for number in pq.read_table(file).column("n").to_pylist()) == [
        0,
        1,
    ]
    assert (place / "songs").local(table.file_uris()) == files


def test_a_file_of_a_table_that_is_gone_is_told(place: Place) -> None:
    target = place / "songs"
    write_deltalake(target.uri, pa.table({"n": [1]}), storage_options=dict(target.options))
    table = target.delta()
    assert table is not None
    (uri,) = table.file_uris()
    target.remove(uri.rpartition("/")[2])
    with pytest.raises((Fatal, FileNotFoundError)):
        pq.read_table(target.local([uri])[0])


def _write(place: Place, name: str, number: int) -> None:
    target = place / name
    write_deltalake(
        target.uri, pa.table({"n": [number]}), mode="append", storage_options=dict(target.options),
        configuration={"delta.checkpointInterval": "3"} if target.delta() is None else None,
        commit_properties=CommitProperties(app_transactions=[Transaction("reached", number)]),
    )  # fmt: skip


def _numbers(place: Place, name: str) -> list[int]:
    """The rows of a table as it is now, by a look at it."""
    table = place.look([name]).get(name)
    files = [] if table is None else (place / name).local(table.file_uris())
    return sorted(number for file in files for number in pq.ParquetFile(file).read().column("n").to_pylist())


def test_tables_are_looked_at_all_at_once_as_they_are_now(place: Place, tmp_path: Path) -> None:
    assert place.look() == {}
    for number in range(5):
        _write(place, "a", number)
        _write(place, "b", number * 10)
        table = place.look(["a"])["a"]
        assert (table.version(), table.transaction_version("reached")) == (number, number)
        assert _numbers(place, "a") == list(range(number + 1))
    place.write("c/no table", b"1")
    assert {name: table.version() for name, table in place.look().items()} == {"a": 4, "b": 4}
    assert place.look(["b", "c", "d"]).keys() == {"b"}
    early = (place / "a").delta(3)
    assert early is not None
    assert early.version() == 3

    # What was looked at stays as it was; what was made anew under the old name is another table.
    before = place.look(["a"])["a"]
    # Another machine does that, and knows nothing of what this one kept.
    other = S3Place(place.bucket, place.prefix, tmp_path / "other") if isinstance(place, S3Place) else place
    (other / "a").clear()
    assert place.look(["a", "b"]).keys() == {"b"}
    for number in range(5):
        _write(other, "a", number + 100)
    assert before.version() == 4
    assert _numbers(place, "a") == [number + 100 for number in range(5)]

    # Old versions go, as after an erasure.
    retire(place / "a")
    assert _numbers(place, "a") == [number + 100 for number in range(5)]
    _write(place, "a", 200)
    assert _numbers(place, "a")[-1] == 200


def test_a_look_from_another_process_asks_only_for_what_is_new(s3: S3, tmp_path: Path) -> None:
    url = f"s3://{s3.new_bucket()}/lake"
    asked: list[str] = []
    writer = place_at(url, load(s3.environ).aws, tmp_path / "writer") / "tables"
    for name in "abc":
        for number in range(4):
            _write(writer, name, number)

    def looked(names: list[str] | None) -> list[str]:
        asked.clear()
        reader = place_at(
            url, load(s3.environ | {"AWS_ENDPOINT_URL": proxy.endpoint}).aws, tmp_path / "reader"
        )
        tables = reader / "tables"
        found = tables.look(names)
        assert {name: table.version() for name, table in found.items()} == versions
        for name, table in found.items():
            (tables / name).local(table.file_uris())
        return [path for path in asked if "list-type" not in path]

    def note(path: str) -> float:
        asked.append(path)
        return 0

    with s3_proxy(s3.endpoint) as proxy:
        proxy.sick = note
        versions = dict.fromkeys("abc", 3)
        assert len(looked(None)) == 3 * (1 + 1 + 4)  # checkpoint, commit, files of each
        assert looked(None) == []
        assert len(asked) == 1
        _write(writer, "b", 4)
        versions = {"b": 4}
        assert next(path.rpartition("/")[2] for path in looked(["b"])) == f"{4:020}.json"
        assert len(asked) == 1 + 1 + 1
        versions = {"a": 3, "b": 4}
        assert looked(["a", "b", "none"]) == []
        assert len(asked) == 1


def test_a_log_too_long_for_one_answer_is_read_from_its_checkpoint(
    s3: S3, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = place_at(f"s3://{s3.new_bucket()}", load(s3.environ).aws, tmp_path)
    page = S3Bucket._page  # noqa: SLF001  (a thousand objects would take long to make)
    monkeypatch.setattr(
        S3Bucket, "_page", lambda self, prefix, more: page(self, prefix, {"MaxKeys": 3} | more)
    )
    for number in range(5):
        _write(place, "a", number)
        _write(place, "b", number)
        assert _numbers(place, "a") == list(range(number + 1))
    assert {name: table.version() for name, table in place.look().items()} == {"a": 4, "b": 4}
    rest = place_at(place.uri, load(s3.environ).aws, tmp_path / "other")
    assert {name: table.version() for name, table in rest.look(["a", "b"]).items()} == {"a": 4, "b": 4}


def test_a_damaged_copy_of_a_log_is_passed_over(s3: S3, tmp_path: Path) -> None:
    url = f"s3://{s3.new_bucket()}"
    _write(place_at(url, load(s3.environ).aws, tmp_path), "a", 1)
    assert _numbers(place_at(url, load(s3.environ).aws, tmp_path), "a") == [1]
    for log in tmp_path.rglob("*.json"):
        if log.name.startswith("0"):
            log.write_bytes(b"")
    again = place_at(url, load(s3.environ).aws, tmp_path)
    assert again.look(["a"])["a"].version() == 0
    assert _numbers(again, "a") == [1]


def test_copies_stay_within_a_bound(s3: S3, tmp_path: Path) -> None:
    url = f"s3://{s3.new_bucket()}"
    place = place_at(url, load(s3.environ).aws, tmp_path, most=0)
    for name in "ab":
        _write(place, name, 1)
        assert _numbers(place, name) == [1]
    kept = {path.parent.name: path for path in (tmp_path / "cache").rglob("*.parquet")}
    assert kept.keys() == {"a", "b"}  # just read: they stay, whatever the bound
    os.utime(kept["a"], (1.0, 1.0))
    _write(place, "b", 2)
    assert _numbers(place, "b") == [1, 2]
    assert not kept["a"].exists()
    assert kept["b"].exists()
    assert _numbers(place, "a") == [1]


def test_of_two_that_land_the_same_rows_one_is_told(place: Place) -> None:
    contract = load_contracts()["artists"]
    schema = log_schema(contract)
    rows = pa.Table.from_pylist([{name: 1 if name == "_key" else None for name in schema.names}], schema)
    one, other = DeltaTables(place), DeltaTables(place)
    one.append(contract, rows, 1)
    assert (one.position("artists"), other.position("artists")) == (1, 1)
    one.append(contract, rows, 2)
    with pytest.raises(Retryable, match="another process"):
        other.append(contract, rows, 2)
    assert other.position("artists") == 2
    other.append(contract, rows, 3)
    other.append(contract, rows, 4)
    assert (one.position("artists"), one.version("artists"), len(one.files("artists"))) == (4, 3, 4)
