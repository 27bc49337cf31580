"""The public client libraries of MusicBrainz and ListenBrainz, unchanged, against the sandbox."""

from __future__ import annotations

import gc
import time
import warnings
from collections.abc import Iterator

import liblistenbrainz
import musicbrainzngs
import pytest

from tunelake.sandbox.open import open_catalogue
from tunelake.sandbox.open_sources.aiohttp_open import OpenConfig, OpenReady, running_open
from tunelake.sandbox.open_sources.listenbrainz import LISTENS

# Both clients leave their sockets to the garbage collector.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(autouse=True)
def _collected() -> Iterator[None]:
    yield
    gc.collect()


@pytest.fixture(scope="module")
def ready() -> Iterator[OpenReady]:
    world = open_catalogue(artists=200, seed=7, directory=None)
    with running_open(OpenConfig(rate=200, burst=50, window_calls=1000), world) as ready:
        yield ready


@pytest.fixture
def musicbrainz(ready: OpenReady) -> Iterator[None]:
    musicbrainzngs.set_useragent("tunelake-tests", "1", "tests@example.org")
    musicbrainzngs.set_hostname(ready.musicbrainz_url.split("/")[2], use_https=False)
    musicbrainzngs.set_rate_limit(limit_or_interval=False)
    yield
    musicbrainzngs.set_rate_limit()
    musicbrainzngs.set_format("xml")


@pytest.fixture
def listenbrainz(ready: OpenReady) -> liblistenbrainz.ListenBrainz:
    return liblistenbrainz.ListenBrainz(api_base_url=ready.listenbrainz_url)


def bts() -> str:
    mbid: str = musicbrainzngs.search_artists(artist="BTS")["artist-list"][0]["id"]
    return mbid


@pytest.mark.usefixtures("musicbrainz")
def test_a_search_finds_by_name_and_by_alias_and_tells_its_score() -> None:
    for asked in ("BTS", "방탄소년단"):
        found = musicbrainzngs.search_artists(artist=asked, limit=3)
        first = found["artist-list"][0]
        assert (first["name"], first["country"]) == ("BTS", "KR")
        assert found["artist-count"] >= 1
        assert "방탄소년단" in [alias["alias"] for alias in first["alias-list"]]
    assert musicbrainzngs.search_artists(artist="BTS")["artist-list"][0]["ext:score"] == "100"
    assert musicbrainzngs.search_artists(artist="no such name zzz")["artist-list"] == []


@pytest.mark.usefixtures("musicbrainz")
def test_a_look_up_has_aliases_links_tags_and_works() -> None:
    asked = ["aliases", "url-rels", "tags", "ratings", "release-groups", "recordings"]
    artist = musicbrainzngs.get_artist_by_id(bts(), includes=asked)["artist"]
    links = [one["target"] for one in artist["url-relation-list"]]
    assert any(link.startswith("https://open.spotify.com/artist/") for link in links)
    assert "k-pop" in [tag["name"] for tag in artist["tag-list"]]
    assert artist["life-span"]["begin"] == "2016"
    assert "WINGS" in [one["title"] for one in artist["release-group-list"]]
    assert {one["title"] for one in artist["recording-list"]} >= {"Boy With Luv", "Dynamite"}


@pytest.mark.usefixtures("musicbrainz")
def test_lists_codes_and_links_lead_to_one_another() -> None:
    artist = bts()
    page = musicbrainzngs.browse_recordings(artist=artist, includes=["isrcs", "artist-credits"], limit=100)
    song = next(one for one in page["recording-list"] if one["title"] == "Boy With Luv")
    assert page["recording-count"] == len(page["recording-list"])
    assert song["artist-credit-phrase"] == "BTS & Halsey"
    code = song["isrc-list"][0]
    again = musicbrainzngs.get_recordings_by_isrc(code, includes=["artists"])["isrc"]["recording-list"]
    assert song["id"] in [one["id"] for one in again]
    groups = musicbrainzngs.browse_release_groups(artist=artist, limit=2, offset=1)
    assert len(groups["release-group-list"]) == 2
    releases = musicbrainzngs.browse_releases(artist=artist, limit=1)["release-list"]
    whole = musicbrainzngs.get_release_by_id(releases[0]["id"], includes=["recordings", "labels"])["release"]
    assert whole["medium-list"][0]["track-list"][0]["recording"]["title"]
    assert musicbrainzngs.search_recordings(isrc=code)["recording-list"][0]["id"] == song["id"]


@pytest.mark.usefixtures("musicbrainz")
def test_releases_tell_label_number_barcode_and_country_and_are_found_by_it() -> None:
    page = musicbrainzngs.browse_releases(
        artist=bts(), includes=["labels", "release-groups", "artist-credits", "media"], limit=100
    )
    release = page["release-list"][0]
    assert page["release-count"] == len(page["release-list"])
    assert release["label-info-list"][0]["label"]["name"]
    assert release["label-info-list"][0]["catalog-number"].startswith("TL ")
    assert (release["country"], release["artist-credit-phrase"][:3]) == ("KR", "BTS")
    assert release["release-group"]["title"] == release["title"]
    found = musicbrainzngs.search_releases(barcode=release["barcode"])["release-list"]
    assert release["id"] in [one["id"] for one in found]
    named = musicbrainzngs.search_releases(release=release["title"], artist="BTS")["release-list"]
    assert release["id"] in [one["id"] for one in named]
    group = release["release-group"]["id"]
    issues = musicbrainzngs.browse_releases(release_group=group)["release-list"]
    assert [one["id"] for one in issues] == [release["id"]]
    assert release["medium-list"][0]["track-count"] >= 1
    assert release["medium-list"][0]["track-list"] == [], "tracks come with recordings alone"
    assert [
        one["id"] for one in musicbrainzngs.browse_release_groups(release=release["id"])["release-group-list"]
    ] == [group]
    makers = musicbrainzngs.browse_artists(release=release["id"])["artist-list"]
    assert "BTS" in [one["name"] for one in makers]
    singles = musicbrainzngs.browse_releases(artist=bts(), release_type=["single"])["release-count"]
    assert 0 < singles < page["release-count"]


@pytest.mark.usefixtures("musicbrainz")
def test_relations_lead_from_either_artist_to_the_other() -> None:
    artists = [one["id"] for one in musicbrainzngs.search_artists(tag="pop", artist="the")["artist-list"]]
    asked, related = [bts(), *artists], list[tuple[str, dict[str, str]]]()
    for one in asked:
        told = musicbrainzngs.get_artist_by_id(one, includes=["artist-rels", "url-rels"])["artist"]
        related += [(one, relation) for relation in told.get("artist-relation-list", [])]
    assert {relation["type"] for _, relation in related} <= {"member of band", "collaboration"}
    one, relation = related[0]
    other = musicbrainzngs.get_artist_by_id(relation["target"], includes=["artist-rels"])["artist"]
    back = next(told for told in other["artist-relation-list"] if told["target"] == one)
    assert {back["direction"], relation["direction"]} == {"forward", "backward"}
    assert (back["type"], back["begin"]) == (relation["type"], relation["begin"])


@pytest.mark.usefixtures("musicbrainz")
def test_json_tells_the_same_as_xml() -> None:
    artist = bts()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the client calls JSON unofficial
        musicbrainzngs.set_format("json")
    told = musicbrainzngs.get_artist_by_id(artist, includes=["aliases", "url-rels"])
    assert told["name"] == "BTS"
    assert {one["target-type"] for one in told["relations"]} == {"url"}
    assert musicbrainzngs.browse_recordings(artist=artist)["recording-count"] > 3
    assert musicbrainzngs.search_artists(artist="BTS")["count"] >= 1


@pytest.mark.usefixtures("musicbrainz")
def test_what_is_not_there_is_refused_as_the_service_does() -> None:
    with pytest.raises(musicbrainzngs.ResponseError, match="404"):
        musicbrainzngs.get_artist_by_id("00000000-0000-4000-8000-000000000000")
    with pytest.raises(musicbrainzngs.ResponseError, match="400"):
        musicbrainzngs.get_artist_by_id("nonsense")


def test_the_limit_is_kept_with_503_and_the_client_is_patient() -> None:
    world = open_catalogue(artists=10, seed=7, directory=None)
    with running_open(OpenConfig(rate=2, burst=1), world) as slow:
        musicbrainzngs.set_useragent("tunelake-limit", "1", "tests@example.org")
        musicbrainzngs.set_hostname(slow.musicbrainz_url.split("/")[2], use_https=False)
        musicbrainzngs.set_rate_limit(limit_or_interval=False)
        start = time.monotonic()
        for _ in range(3):
            assert musicbrainzngs.search_artists(artist="BTS")["artist-list"]
        assert time.monotonic() - start > 0.9
        musicbrainzngs.set_rate_limit()


@pytest.mark.usefixtures("musicbrainz")
def test_listenbrainz_users_have_listens(listenbrainz: liblistenbrainz.ListenBrainz) -> None:
    newest = listenbrainz.get_listens("somebody", count=10)
    assert len(newest) == 10
    assert all(one.track_name and one.artist_name and one.recording_mbid for one in newest)
    times = [one.listened_at for one in newest]
    assert times == sorted(times, reverse=True)
    older = listenbrainz.get_listens("somebody", count=5, max_ts=times[-1])
    assert all(one.listened_at < times[-1] for one in older)
    assert [
        one.listened_at for one in listenbrainz.get_listens("somebody", min_ts=times[5], count=5)
    ] == times[:5]
    song = musicbrainzngs.get_recording_by_id(newest[0].recording_mbid)["recording"]
    assert song["title"] == newest[0].track_name
    assert listenbrainz.get_user_listen_count("somebody") == LISTENS
    assert listenbrainz.get_playing_now("somebody") is None
    top = listenbrainz.get_user_artists("somebody", count=3)["payload"]["artists"]
    counts = [one["listen_count"] for one in top]
    assert counts == sorted(counts, reverse=True)


def test_listenbrainz_tells_its_limit_and_the_client_waits() -> None:
    world = open_catalogue(artists=10, seed=7, directory=None)
    with running_open(OpenConfig(window_calls=2, window_s=2), world) as slow:
        client = liblistenbrainz.ListenBrainz(api_base_url=slow.listenbrainz_url)
        client.get_user_listen_count("somebody")
        assert client.remaining_requests == 1
        for _ in range(4):
            client.get_user_listen_count("somebody")
