from __future__ import annotations

import pytest

from tunelake.sandbox.ids import id_of
from tunelake.sandbox.open import open_catalogue
from tunelake.sandbox.open_sources.limit import Bucket, Window
from tunelake.sandbox.open_sources.lucene import parse
from tunelake.sandbox.open_sources.mbids import id_behind, mbid_of
from tunelake.sandbox.open_sources.musicbrainz import MusicBrainz


def test_an_mbid_leads_back_to_the_id_and_kinds_do_not_meet() -> None:
    thing = id_of("fact", "artist", "BTS")
    mbid = mbid_of("artist", thing) or ""
    assert id_behind("artist", mbid) == thing
    assert id_behind("recording", mbid) != thing
    assert mbid_of("release", thing) != mbid
    assert mbid_of("artist", "z" * 22) is None
    assert id_behind("artist", "nonsense") is None


@pytest.mark.parametrize(("query", "text", "fields"), [
    ("BTS", "BTS", {}),
    ('artist:"AC\\/DC" OR alias:"AC\\/DC"', "", {"artist": "AC/DC", "alias": "AC/DC"}),
    ("artist:(the beatles)", "", {"artist": "the beatles"}),
    ("isrc:GBAYE6900477 AND artist:Queen", "", {"isrc": "GBAYE6900477", "artist": "Queen"}),
    ("some free words", "some free words", {}),
    ("12:30 blues", "12:30 blues", {}),
    ('"', "", {}),
])  # fmt: skip
def test_queries_are_read(query: str, text: str, fields: dict[str, str]) -> None:
    asked = parse(query)
    assert (asked.text, asked.fields) == (text, fields)


def test_a_bucket_gives_its_burst_then_its_rate_to_each_client() -> None:
    bucket = Bucket(rate=1, burst=2)
    assert [bucket.take("a", 0.0) for _ in range(3)] == [True, True, False]
    assert bucket.take("b", 0.0)
    assert [bucket.take("a", 1.0), bucket.take("a", 1.0)] == [True, False]


def test_a_window_opens_anew_after_its_time() -> None:
    window = Window(calls=2, seconds=10)
    seen = [window.take("a", now) for now in (0.0, 4.0, 9.5, 10.0)]
    assert [(one.passes, one.remaining, one.reset_in) for one in seen] == [
        (True, 1, 10), (True, 0, 6), (False, 0, 1), (True, 1, 10),
    ]  # fmt: skip


@pytest.mark.parametrize(("path", "params", "status"), [
    ("/ws/2/artist", {"query": "BTS", "limit": "nonsense"}, 400),
    ("/ws/2/artist", {}, 400),
    ("/ws/2/artist/nonsense", {}, 400),
    ("/ws/2/nothing", {"query": "x"}, 404),
    ("/ws/2/isrc/XX0000000000", {}, 404),
    ("/ws/2/url", {"resource": "https://open.spotify.com/artist/none"}, 404),
    ("/ws/2/release-group", {"artist": "00000000-0000-4000-8000-000000000000"}, 404),
])  # fmt: skip
def test_what_cannot_be_answered_is_refused_in_the_form_asked_for(
    path: str, params: dict[str, str], status: int
) -> None:
    server = MusicBrainz(open_catalogue(artists=5, seed=1, directory=None))
    as_json = server.answer(path, {**params, "fmt": "json"}, "")
    as_xml = server.answer(path, params, "")
    assert as_json.status == as_xml.status == status
    assert as_json.body.startswith(b'{"error"')
    assert as_xml.body.startswith(b"<?xml")


def test_json_by_the_accept_header_and_one_in_eight_without_a_link() -> None:
    catalogue = open_catalogue(artists=300, seed=3, directory=None)
    server = MusicBrainz(catalogue)
    answer = server.answer("/ws/2/artist", {"query": "BTS"}, "application/json")
    assert answer.content_type.startswith("application/json")
    from tunelake.sandbox.open import open_world
    from tunelake.sandbox.open_sources.books import links

    world = open_world(artists=300, seed=3)
    artists = [artist for one, _ in world.truth() if (artist := world.artist(one))]
    linked = sum(len(links(one)) == 2 for one in artists)
    assert 300 * 0.8 < linked < 300 * 0.95
