"""Calls that three jobs cost against the fewest there are: artists by name, their discographies, a refresh.

The fewest: a search a name; a call for every page of an artist's list of releases; twenty releases a call
where the application may, else one; fifty known artists a call where it may, else one. What is stored costs
nothing.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import timedelta
from math import ceil
from pathlib import Path
from typing import get_args

from bench.harness import write

from tunelake.collect.jobs.job import collect_artists, refresh_artists
from tunelake.collect.report import RunReport
from tunelake.domain.names import fold
from tunelake.domain.pages import Page
from tunelake.sandbox.catalogue import Catalogue
from tunelake.sandbox.open import open_catalogue
from tunelake.sandbox.server.aiohttp_host import running
from tunelake.sandbox.server.config import Ready, SandboxConfig
from tunelake.settings import Secret, Settings
from tunelake.sources.spotify.profiles import LARGEST_PAGE, Profile

ARTISTS, WORLD = 1000, 3000
Row = tuple[str, int, int]


class Nowhere:
    """A landing that keeps nothing."""

    def append(self, page: Page) -> None:
        """Keep nothing."""


def compare() -> None:
    """Run the jobs in both profiles."""
    world = open_catalogue(artists=WORLD, seed=7, directory=None)
    names = _names(world)
    rows = []
    for profile in get_args(Profile):
        with running(SandboxConfig(profile=profile), world) as ready, tempfile.TemporaryDirectory() as folder:
            for job, calls, least in _jobs(world, names, profile, ready, Path(folder)):
                over = f"{100 * (calls / least - 1):+.1f} %" if least else "-"
                rows.append([job, profile, str(calls), str(least), over])
    write(
        "calls",
        f"Calls for {ARTISTS:,} artists against the fewest there are",
        ["job", "profile", "calls", "fewest", "over"],
        rows,
        "Repeated requests count. What an earlier job brought is not asked again.",
    )


def _jobs(world: Catalogue, names: list[str], profile: Profile, ready: Ready, folder: Path) -> Iterator[Row]:
    settings = _settings(folder, ready)
    ledger = folder / "control.db"

    def collect(*parts: str) -> RunReport:
        return collect_artists(settings, Nowhere(), ledger_path=ledger, names=names, with_=parts)

    found = collect()
    yield "artists by name", found.calls, len({fold(name) for name in names})
    artists = {want.artist_id for want in found.wants if want.artist_id}
    yield "discographies", collect("albums", "tracks").calls, _least(world, artists, profile)
    yield "the same again", collect("albums", "tracks").calls, 0
    again = refresh_artists(settings, Nowhere(), ledger_path=ledger, age=timedelta(0))
    yield "refresh", again.calls, ceil(len(artists) / 50) if profile == "extended" else len(artists)


def _least(world: Catalogue, artists: set[str], profile: Profile) -> int:
    own = [[album for album, group in world.albums_of(one) if group != "appears_on"] for one in artists]
    lists = sum(max(1, ceil(len(albums) / LARGEST_PAGE[profile])) for albums in own)
    albums = {album for of_one in own for album in of_one}
    return lists + (ceil(len(albums) / 20) if profile == "extended" else len(albums))


def _names(world: Catalogue) -> list[str]:
    """Names of artists of the world, one a line."""
    ids: dict[str, None] = {}
    for playlist_id in world.playlists():
        playlist = world.playlist(playlist_id)
        for track_id in playlist.track_ids if playlist else ():
            track = world.track(track_id) if track_id else None
            ids.update(dict.fromkeys(track.artist_ids if track else ()))
    named = (artist.name for one in ids if (artist := world.artist(one)))
    return list(dict.fromkeys(named))[:ARTISTS]


def _settings(folder: Path, ready: Ready) -> Settings:
    return Settings(
        home=folder,
        spotify_api_url=ready.api_url,
        spotify_accounts_url=ready.accounts_url,
        spotify_client_id=ready.client_id,
        spotify_client_secret=Secret(ready.client_secret),
    )


if __name__ == "__main__":
    compare()
