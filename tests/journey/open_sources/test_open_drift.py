"""Open sources that change their fields, over HTTP: each change is told by name, and what was known stays."""

from __future__ import annotations

import json
from contextlib import AbstractContextManager
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner

from tunelake.bootstrap.open_sources import OpenSources
from tunelake.bootstrap.tunelake import Tunelake
from tunelake.cli.ledger import ledger
from tunelake.domain.fields import Drift
from tunelake.sandbox.catalogue import Catalogue
from tunelake.sandbox.open import open_catalogue
from tunelake.sandbox.open_sources.aiohttp_open import OpenConfig, OpenReady, running_open
from tunelake.sandbox.open_sources.listenbrainz import LISTENS
from tunelake.sandbox.server.changes import parse_changes
from tunelake.settings import Settings

NAMES = ["BTS"]
PARTS = {"musicbrainz": ("releases", "tracks"), "listenbrainz": ("top-tracks", "related")}
# All that tables have of the fields that change below.
KNOWN = """
select source, artist_id as id, name, country, active_from, null as listeners from artists
union all select source, album_id, name, release_date, null, null from albums
union all select source, release_id, label, barcode, null, total_tracks from releases
union all select source, track_id, name, isrc, duration_ms, null from tracks
union all select source, artist_id, tag, null, null, votes from artist_tags
union all select source, artist_id, url, target_id, null, null from artist_urls
union all select source, artist_id, other_artist_id, relation, null, null from artist_relations
union all select source, id, kind, null, listens, listeners from listen_counts
order by all
"""


@cache
def world() -> Catalogue:
    return open_catalogue(artists=60, seed=7, directory=None)


def serving(*changes: str, port: int = 0) -> AbstractContextManager[OpenReady]:
    config = OpenConfig(
        port=port, rate=500, burst=50, window_calls=500, window_s=1, drift=parse_changes(changes)
    )
    return running_open(config, world())


def opened(home: Path, ready: OpenReady) -> Tunelake:
    return Tunelake(
        Settings(
            home=home,
            musicbrainz_url=ready.musicbrainz_url,
            listenbrainz_url=ready.listenbrainz_url,
            max_age_hours=0,
        )
    )


def collected(lake: Tunelake, *sources: str) -> list[Drift]:
    for source in sources:
        report = lake.collect_open_artists(source, names=NAMES, with_=PARTS[source])
        assert report.exit_code == 0, report.gaps
    return lake.land().drift


def told(found: list[Drift]) -> set[tuple[str, str, str, str]]:
    return {(one.kind, one.endpoint, one.object, one.field) for one in found}


MUSIC = {
    "remove:artist.country": ("removed", "mb_artist", "artist", "country"),
    "rename:tag.count=votes": ("renamed", "mb_artist", "artist.tags", "count"),
    "retype:release-group.first-release-date": (
        "retyped", "mb_releases", "release.release-group", "first-release-date",
    ),
    "remove:release.barcode": ("removed", "mb_releases", "release", "barcode"),
    "rename:recording.isrcs=codes": ("renamed", "mb_recordings", "recording", "isrcs"),
    "add:recording.mood": ("added", "mb_recordings", "recording", "mood"),
    "remove:relation.type": ("removed", "mb_artist", "artist.relations", "type"),
}  # fmt: skip
LISTENED = {
    "remove:count.total_user_count": ("removed", "lb_artist_counts", "count", "total_user_count"),
    "retype:recording.length": ("retyped", "lb_top_recordings", "recording", "length"),
    "rename:near.similar_artist_name=name": ("renamed", "lb_similar", "near", "similar_artist_name"),
}


@pytest.mark.slow
def test_changes_are_told_by_name_since_when_and_what_was_known_stays(tmp_path: Path) -> None:
    with serving() as ready:
        lake = opened(tmp_path / "home", ready)
        assert collected(lake, "musicbrainz", "listenbrainz") == [], "a source as it is published drifts not"
    known = lake.sql(KNOWN).to_pylist()
    assert {row["source"] for row in known} == {"musicbrainz", "listenbrainz"}

    with serving(*MUSIC, *LISTENED, port=urlsplit(ready.listenbrainz_url).port or 0):
        first = collected(lake, "musicbrainz", "listenbrainz")
    assert set(MUSIC.values()) | set(LISTENED.values()) <= told(first)
    assert not [one for one in first if one.object == "hit" and one.kind == "removed"], "hits are sparse"

    # Nothing became null, or left a set: what is absent says nothing, what has another type is quarantined.
    assert lake.sql(KNOWN).to_pylist() == known
    named = {row["where"] for row in lake.sql('select distinct "where" from quarantine').to_pylist()}
    assert {"$.releases[*].release-group.first-release-date", "$[*].length"} <= named

    # Each ledger keeps since when, and knows it again when it is made anew.
    before = {source: remembered(lake, source) for source in PARTS}
    assert {one: told(found) for one, found in before.items()} == {
        source: {one for one in told(first) if one[1].startswith(prefix)}
        for source, prefix in (("musicbrainz", "mb_"), ("listenbrainz", "lb_"))
    }
    since = {told([one]).pop(): one.first_seen_at for one in first}
    assert all(one.first_seen_at == since[told([one]).pop()] for found in before.values() for one in found)
    lake.rebuild_ledger()
    assert {source: told(remembered(lake, source)) for source in PARTS} == {
        source: told(found) for source, found in before.items()
    }
    shown = CliRunner().invoke(
        ledger,
        ["--drift", "--source", "musicbrainz", "--json"],
        env={
            "TUNELAKE_HOME": str(lake.lake.home.root),
            "TUNELAKE_MUSICBRAINZ_URL": lake.settings.musicbrainz_url,
        },
        standalone_mode=False,
    )
    assert {one["field"] for one in json.loads(shown.output)["drift"]} >= {one[3] for one in MUSIC.values()}


def remembered(lake: Tunelake, source: str) -> list[Drift]:
    with lake.ledger(source) as kept:
        return kept.drift("")


@pytest.mark.slow
def test_lists_whose_length_is_no_longer_told_are_read_to_their_end(tmp_path: Path) -> None:
    changes = ("remove:page.recording-count", "remove:page.latest_listen_ts", "rename:played.track_name=name")
    with serving(*changes) as ready:
        lake = opened(tmp_path / "home", ready)
        lake.collect_open_artists("musicbrainz", names=NAMES, with_=["tracks"])
        OpenSources(lake).collect_listens("somebody", lambda *_: None)
        lake.land()
        found = [one for source in PARTS for one in remembered(lake, source)]
    counted = "select (select count(*) from tracks) as tracks, (select count(*) from listens) as listens"
    assert lake.sql(counted).to_pylist() == [{"tracks": 20, "listens": LISTENS}]
    assert told(found) == {
        ("removed", "mb_recordings", "page", "recording-count"),
        ("removed", "lb_listens", "page", "latest_listen_ts"),
        ("removed", "lb_listens", "listen.track_metadata", "track_name"),
        ("added", "lb_listens", "listen.track_metadata", "name"),
    }
