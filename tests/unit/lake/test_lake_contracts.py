from __future__ import annotations

from pathlib import Path

import pytest

from tunelake.errors import Fatal
from tunelake.lake.contracts.contract import Contract, ddl, decode, load, logged, public
from tunelake.lake.contracts.dictionary import dictionary
from tunelake.lake.contracts.schema import log_schema, public_schema

_EACH = pytest.mark.parametrize("contract", load().values(), ids=load().keys())


def test_the_tables_are_those_of_the_design() -> None:
    assert sorted(load()) == [
        "album_artists", "albums", "artist_aliases", "artist_genres", "artist_relations", "artist_tags",
        "artist_urls", "artists", "audio_features", "listen_counts", "listens", "market_sets",
        "playlist_item_genres", "playlist_items", "playlists", "quarantine", "quarantine_releases",
        "raw_pages", "related_artists", "releases", "top_tracks", "track_artists", "track_isrcs", "tracks",
    ]  # fmt: skip


@_EACH
def test_a_contract_is_complete(contract: Contract) -> None:
    assert contract.meaning.endswith(".")
    assert contract.identity[0] == "source"
    assert bool(contract.owner and contract.element) == contract.is_set != bool(contract.key)
    assert len(contract.columns) <= 62
    for column in contract.columns:
        assert column.meaning.endswith("."), column.name
    assert all(not column.nullable for column in contract.columns if column.name in contract.identity)


@_EACH
def test_schemas_and_ddl_have_the_same_columns(contract: Contract) -> None:
    assert (
        public_schema(contract).names == [column.name for column in public(contract)] == list(ddl(contract))
    )
    assert log_schema(contract).names == [column.name for column in logged(contract)]
    assert len(set(log_schema(contract).names)) == len(log_schema(contract).names)


def test_ddl_is_standard_sql() -> None:
    assert list(ddl(load()["top_tracks"]).items())[:5] == [
        ("source", "VARCHAR"),
        ("artist_id", "VARCHAR"),
        ("market", "VARCHAR"),
        ("track_id", "VARCHAR"),
        ("rank", "INTEGER"),
    ]


def test_the_data_dictionary_is_up_to_date(repository: Path) -> None:
    written = (repository / "docs" / "data-dictionary.md").read_text(encoding="utf-8")
    assert written == dictionary(load()), (
        "run: python -m tunelake.lake.contracts.dictionary > docs/data-dictionary.md"
    )


@pytest.mark.parametrize(
    "text",
    [
        "table = ",
        'table = "x"',
        'table = "x"\nmeaning = "m."\nsteward = "s"\nunit = "row"\nkey = ["id"]\ncolumns = []',
        'table = "x"\nmeaning = "m."\nsteward = "s"\nunit = "row"\nkey = []\ncolumns = []\nmood = 1',
    ],
)
def test_a_file_that_is_no_contract_is_refused(text: str) -> None:
    with pytest.raises(Fatal):
        decode(text)
