from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from tunelake.domain.pages import Page, Params
from tunelake.sources.gist import Misshapen
from tunelake.sources.musicbrainz import endpoints
from tunelake.sources.musicbrainz.ids import read_mbid, site_of
from tunelake.sources.musicbrainz.read import read_gist
from tunelake.sources.musicbrainz.rows import read_rows, rights_of

MBID = "0383dadf-2a4e-4d10-a46a-e9e041da8eb3"
OTHER = "f27ec8db-af05-4f36-916e-3d57f91ecf5e"
THIRD = "022589ac-7177-432d-9ba2-1c1f5f4f8a0c"


ASKED = endpoints.artist(MBID).params


def page(endpoint: str, answer: Any, status: int = 200, params: Params = ()) -> Page:
    body = answer if isinstance(answer, bytes) else msgspec.json.encode(answer)
    return Page(
        page_id="p" * 32, source="musicbrainz", rights=rights_of(endpoint), endpoint=endpoint, path="/x",
        params=params, status=status, fetched_at=datetime(2026, 1, 1, tzinfo=UTC), headers={}, body=body,
    )  # fmt: skip


def whole() -> dict[str, Any]:
    return {
        "id": MBID, "name": "Queen", "country": "GB", "life-span": {"begin": "1970-06-27", "end": None},
        "aliases": [{"name": "女王"}, {"name": "Queen"}, {"name": "女王"}],
        "tags": [{"name": "rock", "count": 9}, {"name": "seen live", "count": 1}],
        "genres": [{"name": "pop", "count": 2}, {"name": "rock", "count": 9}, {"name": "no", "count": 0}],
        "relations": [
            {"type": "free streaming", "ended": False,
             "url": {"resource": "https://open.spotify.com/artist/1dfeR4HaWDbWqFHLkxsg1d"}},
            {"type": "official homepage", "ended": True, "url": {"resource": "http://queen.example/"}},
            {"type": "member of band", "direction": "backward", "artist": {"id": OTHER, "name": "Mercury"},
             "attributes": ["lead vocals"], "begin": "1970", "end": "1991", "ended": True},
            {"type": "member of band", "direction": "backward", "artist": {"id": OTHER, "name": "Mercury"},
             "attributes": ["piano", "lead vocals"], "begin": "1968", "end": "1969-03", "ended": True},
            {"type": "married", "direction": "forward", "artist": {"id": THIRD}, "ended": False},
        ],
    }  # fmt: skip


def test_an_artist_becomes_rows_and_what_people_voted_keeps_other_rights() -> None:
    rows = read_rows(page("mb_artist", whole(), params=ASKED))
    tables = rows.tables
    assert tables["artists"]["artist_id"] == [MBID, OTHER, THIRD]
    assert tables["artists"]["active_from"] == [1970, msgspec.UNSET, msgspec.UNSET]
    assert tables["artists"]["active_to"][0] is None
    assert tables["artist_aliases"]["alias"] == ["女王"]
    assert list(zip(tables["artist_tags"]["tag"], tables["artist_tags"]["is_genre"], strict=True)) == [
        ("rock", True), ("seen live", False),
    ]  # fmt: skip
    assert tables["artist_genres"]["genre"] == ["rock", "pop"]
    assert tables["artist_urls"]["site"] == ["spotify", None]
    assert tables["artist_urls"]["target_id"] == ["1dfeR4HaWDbWqFHLkxsg1d", None]
    assert tables["artist_urls"]["ended"] == [False, True]
    assert rows.rights == {
        "artists": "cc0", "artist_aliases": "cc0", "artist_urls": "cc0", "artist_relations": "cc0",
        "artist_tags": "musicbrainz-nc", "artist_genres": "musicbrainz-nc",
    }  # fmt: skip
    assert rights_of("mb_artist") == "musicbrainz-nc"
    assert rights_of("mb_recordings") == "cc0"


def test_relations_are_told_once_over_their_whole_span_and_only_where_they_were_asked_for() -> None:
    relations = read_rows(page("mb_artist", whole(), params=ASKED)).tables["artist_relations"]
    assert list(zip(*relations.values(), strict=True)) == [
        (MBID, OTHER, "member of band", "backward", "lead vocals, piano", "1968", "1991", True),
        (MBID, THIRD, "married", "forward", None, None, None, False),
    ]
    assert "artist_relations" not in read_rows(page("mb_artist", whole())).tables
    alone = read_rows(page("mb_artist", {"id": MBID, "name": "Queen", "relations": []}, params=ASKED))
    assert alone.empty_sets == {"artist_urls": [(MBID,)], "artist_relations": [(MBID,)]}
    # Who makes music with it follows it, for those who want to go on from there; families do not.
    gist = read_gist(endpoints.artist(MBID), msgspec.json.encode(whole()))
    assert [hit.id for hit in gist.hits] == [MBID, OTHER]


def test_releases_have_labels_numbers_and_barcodes() -> None:
    credit = [{"artist": {"id": MBID, "name": "Queen"}}]
    issues = [
        {"id": "i1", "title": "Hits", "status": "Official", "date": "1981-10-26", "country": "GB",
         "barcode": "077778950424", "artist-credit": credit,
         "media": [{"track-count": 17}, {"track-count": 3}],
         "label-info": [{"catalog-number": "EMTV 30", "label": {"name": "EMI"}},
                        {"catalog-number": "EMTV 30", "label": {"name": "Parlophone"}}, {"label": None}],
         "release-group": {"id": "g1", "title": "Hits", "primary-type": "Album", "artist-credit": credit}},
        {"id": "i2", "title": "Demo", "barcode": "", "label-info": [], "date": "1973"},
        {"title": "no id"},
    ]  # fmt: skip
    rows = read_rows(page("mb_releases", {"releases": issues, "release-count": 3}))
    told = rows.tables["releases"]
    assert told["label"] == ["EMI / Parlophone", None]
    assert told["catalogue_number"] == ["EMTV 30", None]
    assert told["barcode"] == ["077778950424", None]
    assert told["total_tracks"] == [20, msgspec.UNSET]
    assert told["release_date_precision"] == ["day", "year"]
    assert told["album_id"] == ["g1", msgspec.UNSET]
    assert rows.tables["album_artists"] == {"album_id": ["g1"], "artist_id": [MBID], "position": [0]}
    assert rows.tables["albums"]["name"] == ["Hits"]
    assert rows.rejected[0].reason == "no id"
    assert set(rows.rights.values()) == {"cc0"}
    part = read_gist(
        endpoints.releases(MBID), msgspec.json.encode({"releases": issues, "release-count": 9})
    ).part
    assert part
    assert (part.keys, part.total) == (("i1", "i2", None), 9)
    assert "offset=3" in (part.next or "")


def test_what_was_not_asked_for_says_nothing_and_an_empty_set_says_none() -> None:
    silent = read_rows(page("mb_artist", {"id": MBID, "name": "Queen"}))
    assert set(silent.tables) == {"artists"}
    assert silent.empty_sets == {}
    assert silent.tables["artists"]["country"] == [msgspec.UNSET]
    empty = read_rows(page("mb_artist", {"id": MBID, "name": "Queen", "tags": [], "relations": []}))
    assert empty.empty_sets == {"artist_tags": [(MBID,)], "artist_urls": [(MBID,)]}
    assert empty.rights["artist_tags"] == "musicbrainz-nc"


def test_recordings_have_every_code_and_release_groups_their_kind() -> None:
    credit = [{"artist": {"id": MBID, "name": "Queen"}}, {"artist": {"id": OTHER, "name": "Bowie"}}]
    songs = [
        {"id": "r1", "title": "Under Pressure", "length": 248000, "isrcs": ["GBB", "GBA"],
         "artist-credit": credit},
        {"id": "r2", "title": "Live", "length": None, "isrcs": [], "artist-credit": credit[:1]},
    ]  # fmt: skip
    rows = read_rows(page("mb_recordings", {"recordings": songs, "recording-count": 2}))
    assert rows.tables["tracks"]["isrc"] == ["GBA", None]
    assert rows.tables["track_isrcs"] == {"track_id": ["r1", "r1"], "isrc": ["GBB", "GBA"]}
    assert rows.empty_sets["track_isrcs"] == [("r2",)]
    assert rows.tables["track_artists"]["position"] == [0, 1, 0]
    assert rows.tables["artists"]["name"] == ["Queen", "Bowie"]
    groups = [
        {"id": "g1", "title": "Hits", "primary-type": "Album", "secondary-types": ["Compilation"],
         "first-release-date": "1981-10", "artist-credit": credit[:1]},
        {"id": "g2", "title": "Single", "primary-type": "Single", "first-release-date": ""},
    ]  # fmt: skip
    albums = read_rows(page("mb_release_groups", {"release-groups": groups})).tables["albums"]
    assert albums["album_type"] == ["compilation", "single"]
    assert albums["release_date_precision"] == ["month", None]
    # A date that is not told takes none away.
    untold = read_rows(page("mb_release_groups", {"release-groups": [{"id": "g1", "title": "Hits"}]}))
    assert untold.tables["albums"]["release_date"] == [msgspec.UNSET]
    assert untold.tables["albums"]["release_date_precision"] == [msgspec.UNSET]


@pytest.mark.parametrize(("endpoint", "answer", "status", "reason"), [
    ("mb_artist", b"<html>", 200, "not JSON"),
    ("mb_artist", {"error": "Not Found"}, 404, "status 404"),
    ("mb_artist", {"name": "nobody"}, 200, "no id"),
    ("mb_recordings", {"recordings": [{"title": "x"}]}, 200, "no id"),
    ("mb_recordings", {"recordings": 7}, 200, "Expected `array`"),
    ("other", {}, 200, "no table"),
])  # fmt: skip
def test_what_cannot_be_read_is_rejected_by_name(
    endpoint: str, answer: Any, status: int, reason: str
) -> None:
    rows = read_rows(page(endpoint, answer, status))
    assert reason in rows.rejected[0].reason
    assert rows.tables == {}


def test_ids_and_sites_are_read_from_what_people_paste() -> None:
    assert read_mbid(MBID.upper()) == MBID
    assert read_mbid(f"https://musicbrainz.org/artist/{MBID}/releases") == MBID
    assert read_mbid(f"https://elsewhere.example/{MBID}") is None
    assert read_mbid("nonsense") is None
    assert site_of("https://www.wikidata.org/wiki/Q15862") == ("wikidata", "Q15862")
    assert site_of("https://open.spotify.com/album/1dfeR4HaWDbWqFHLkxsg1d") == (None, None)
    assert site_of("http://[bad") == (None, None)


def test_a_search_quotes_what_its_language_would_read() -> None:
    query = endpoints.search_artist('AC/DC "live"').param("query")
    assert query == 'artist:"AC\\/DC \\"live\\"" OR alias:"AC\\/DC \\"live\\""'


def test_a_field_of_another_type_is_left_out_by_name_and_the_rest_is_read() -> None:
    groups = [{"id": f"g{n}", "title": "T", "first-release-date": 1981} for n in range(2)]
    answer = {"release-groups": groups, "release-group-count": "2"}
    rows = read_rows(page("mb_release_groups", answer))
    assert rows.tables["albums"]["release_date"] == [msgspec.UNSET] * 2
    assert [one.where for one in rows.rejected] == [
        "$.release-groups[*].first-release-date",
        "$.release-group-count",
    ]
    part = read_gist(endpoints.release_groups(MBID), msgspec.json.encode(answer)).part
    assert part
    assert (part.keys, part.total, part.next) == (("g0", "g1"), None, None)


def test_without_a_total_a_list_is_read_until_a_part_is_not_full() -> None:
    full = msgspec.json.encode({"recordings": [{"id": f"r{n}"} for n in range(100)]})
    part = read_gist(endpoints.recordings(MBID), full).part
    assert part
    assert "offset=100" in (part.next or "")
    with pytest.raises(Misshapen, match="recordings"):
        read_gist(endpoints.recordings(MBID), b'{"tracks": []}')


@pytest.mark.parametrize(
    ("table", "of", "field", "other"),
    [
        ("artist_tags", "tags", "count", "9"),
        ("artist_tags", "tags", "name", None),
        ("artist_genres", "genres", "name", None),
        ("artist_relations", "relations", "begin", None),
        ("artist_relations", "relations", "artist", None),
        ("artist_urls", "relations", "url", 5),
    ],
)
def test_a_set_of_which_a_field_is_gone_stays_as_it_was_known(
    table: str, of: str, field: str, other: object
) -> None:
    artist = whole()
    for one in artist[of]:
        if field in one:
            del one[field]
            if other is not None:
                one[field] = other
    rows = read_rows(page("mb_artist", artist, params=ASKED))
    assert table not in rows.tables
    assert table not in rows.empty_sets
