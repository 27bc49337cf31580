"""Columns are traced to contracts, and rights follow them: to marts, models and exports."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.conftest import REPOSITORY

from tunelake.errors import ConfigError
from tunelake.mart.dictionary import dictionary
from tunelake.mart.lineage import Origin, trace
from tunelake.mart.model import Model, read_model
from tunelake.mart.rights import TableRights, mart_rights, model_refusals, refusals
from tunelake.mart.run import run_marts, standard_models

BY_ROW = {name: TableRights(tags=frozenset({"all", "spotify"}), expires="2026-12-01")
          for name in ("artists", "artist_genres", "audio_features", "tracks", "track_artists")}  # fmt: skip


def own(sql: str, use: str = "model") -> Model:
    return read_model("mine", f"-- meaning: x\n-- grain: name\n-- owner: me\n-- use: {use}\n{sql}")


def test_a_column_is_traced_through_marts_to_the_contract() -> None:
    models = [*standard_models(), own("select country, popularity * 2 as name from countries")]
    traced = trace(models)["mine"]
    assert traced.direct["name"] == (Origin("countries", "popularity"),)
    assert traced.roots["country"] == (Origin("artists", "country"),)


def test_every_column_of_every_standard_model_has_its_roots_in_contracts() -> None:
    traced = trace(standard_models())
    assert Origin("artist_genres", "genre") in traced["genre_trends"].roots["genre"]
    assert traced["artist_facts"].roots["energy"] == (Origin("audio_features", "energy"),)
    # The history of a table has the table's contract.
    assert Origin("artists", "popularity") in traced["artist_trends"].roots["popularity"]
    assert {each.mart for each in traced.values()} == {model.name for model in standard_models()}


def test_models_made_to_model_tell_the_rights_of_each_row() -> None:
    models = standard_models()
    traced = trace(models)
    asked = [model for model in models if model.use != "display"]
    assert {model.name for model in asked} == {"artist_facts", "artist_sound", "collaborations"}
    for model in asked:
        rights = mart_rights(traced[model.name], BY_ROW)
        assert (rights.by_row, rights.untold) == (True, ())
        assert model_refusals(model, rights) == []


def test_a_mart_that_leaves_out_a_tables_rights_does_not_tell_them_by_row() -> None:
    models = [own("select a.name, a.rights, t.name as title from artists as a join tracks as t on true")]
    rights = mart_rights(trace(models)["mine"], BY_ROW)
    assert (rights.by_row, rights.untold, rights.expires) == (False, ("tracks",), "2026-12-01")
    first, second = model_refusals(models[0], rights)
    assert first.startswith("mine (name, title): content with rights 'spotify' may not be used to model")
    assert "does not tell those of tracks" in second
    assert model_refusals(models[0], mart_rights(trace(models)["mine"], BY_ROW), ["spotify:model"]) == []


def test_uses_follow_the_tags_and_what_is_stated() -> None:
    traced = trace([own("select name, count(*) as many from artists group by name")])["mine"]
    rights = mart_rights(traced, BY_ROW)
    assert rights.columns == {"name": ("all", "spotify"), "many": ()}
    assert rights.uses == {"display": True, "model": False, "export": False}
    assert mart_rights(traced, BY_ROW, ["spotify:export"]).uses["export"] is True
    assert "TUNELAKE_RIGHTS=spotify:export" in refusals(rights, "export")[0]
    ids = trace([own("select artist_id as name from artists")])["mine"]
    assert mart_rights(ids, BY_ROW).tags == ()


def test_a_model_that_would_break_a_right_is_refused_until_it_is_stated(
    make_lake: Callable[..., Any],
) -> None:
    lake = make_lake({"artists": [{"artist_id": "A", "name": "x", "rights": "spotify"}]})
    models = [own("select name from artists")]
    with pytest.raises(ConfigError, match=r"mine \(name\): content with rights 'spotify' may not be used to"):
        run_marts(lake.engine, models)
    assert lake.marts == {}
    assert run_marts(lake.engine, models, stated=["spotify:model"]).rows == {"mine": 1}
    assert run_marts(lake.engine, [own("select name from artists", "display")]).rows == {"mine": 1}


def test_the_dictionary_is_that_of_the_models() -> None:
    text = (REPOSITORY / "docs" / "mart-dictionary.md").read_text(encoding="utf-8")
    assert text == dictionary(standard_models()), (
        "python -m tunelake.mart.dictionary > docs/mart-dictionary.md"
    )
