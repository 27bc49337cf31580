from __future__ import annotations

import pytest
from msgspec.structs import replace

from tunelake.errors import ConfigError
from tunelake.lake.contracts.contract import load
from tunelake.mart.checks import checks
from tunelake.mart.model import read_model, read_models, tables_read
from tunelake.mart.run import standard_models

HEADER = "-- meaning: A test.\n--   In two lines.\n-- grain: a, b\n-- owner: mart\n"


def text(sql: str) -> str:
    return HEADER + sql


def test_header_words_and_sql_are_split() -> None:
    model = read_model("m", text("-- not null: c\nselect a, b, c from t"))
    assert (model.meaning, model.grain, model.not_null) == ("A test. In two lines.", ("a", "b"), ("c",))
    assert model.sql == "select a, b, c from t"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("-- meaning: x\nselect 1 from t", "does not say grain, owner"),
        ("-- grian: x\nselect 1 from t", "line 1: expected one of"),
        (text("delete from t"), "must be one SELECT"),
        (text("select 1; select 2"), "must be one SELECT"),
        (text("select from where"), "not readable SQL"),
        (text(""), "must be one SELECT"),
        (text("-- sums: n\nselect a, b, count(*) as n from t, u group by a, b"), "is no sum over rows"),
        (text("-- sums: n\nselect a, b, count(distinct c) as n from t group by a, b"), "is no sum over rows"),
    ],
)
def test_a_file_that_is_no_model_is_refused(content: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        read_model("m", content)


def test_own_with_names_are_no_tables() -> None:
    sql = "with x as (select * from a join b using (k)) select * from x where k in (select k from c)"
    assert tables_read("m", sql) == {"a", "b", "c"}


def test_a_with_name_that_hides_what_it_reads_is_refused() -> None:
    assert tables_read("m", "with recursive a as (select 1 union select * from a) from a") == set()
    with pytest.raises(ConfigError, match="model m: its WITH name artists hides what it reads"):
        tables_read("m", "with artists as (select * from Artists) select * from artists")


def test_models_come_after_those_they_read() -> None:
    files = {
        "a": text("select * from b"),
        "b": text("select * from c"),
        "c": text("select * from t"),
    }
    assert [model.name for model in read_models(files)] == ["c", "b", "a"]


def test_a_circle_is_named() -> None:
    files = {"a": text("select * from b"), "b": text("select * from a")}
    with pytest.raises(ConfigError, match=r"circle: (a -> b -> a|b -> a -> b)$"):
        read_models(files)


def test_every_standard_model_has_an_owner_a_meaning_and_checks() -> None:
    models = standard_models()
    assert {"identity", "artist_facts", "artist_profile", "artist_top_tracks"} <= {m.name for m in models}
    assert all(len(checks(model)) >= 2 for model in models)


def test_a_model_with_a_star_is_another_once_its_table_has_another_column(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    texts = ("select * from listens_history", "select user_id from listens_history")
    models = [read_model("m", HEADER + text) for text in texts]
    before = [model.fingerprint for model in models]
    listens = load()["listens"]
    monkeypatch.setitem(load(), "listens", replace(listens, columns=listens.columns[:-1]))
    assert [model.fingerprint == was for model, was in zip(models, before, strict=True)] == [False, True]
