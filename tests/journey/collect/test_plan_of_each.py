"""Every `collect` has its `plan`, with the same options, and what was planned is what it costs."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner
from tests.conftest import ServeSandbox

from tunelake.cli.collect import collect
from tunelake.cli.plan import plan
from tunelake.collect.planning.open_plan import EXPECTED_LISTENS, expected_listens
from tunelake.sandbox.open import open_catalogue
from tunelake.sources.spotify.profiles import CLOSED

JOBS = [
    "artists --name BTS --with albums,tracks,top-tracks,features,related --market KR",
    "artists --name Adele --discover related:1 --max-artists 5",
    "playlists --id {playlist}",
    "tracks --id {track} --id {other}",
    "refresh --older-than 0s",
    "artists --source musicbrainz --name BTS --with albums",
    "artists --source listenbrainz --name BTS --with top-tracks,related",
    "refresh --source musicbrainz --older-than 0s",
    "listens --source listenbrainz --user somebody",
]
ASKED_AGAIN = {"refresh", "listens"}


def test_a_plan_takes_all_that_its_collection_takes() -> None:
    assert plan.commands.keys() == collect.commands.keys()
    for name, command in collect.commands.items():
        options = {option for one in command.params for option in one.opts}
        planned = {option for one in plan.commands[name].params for option in one.opts}
        assert options <= planned, name
        assert planned - options == {"--rate", "--per-day"}, name


def test_listens_are_expected_by_how_many_there_were() -> None:
    day = timedelta(days=1)
    assert expected_listens(0, timedelta(0), 9 * day) == EXPECTED_LISTENS
    assert expected_listens(50, 10 * day, 2 * day) == 10
    assert expected_listens(50, timedelta(0), day) == 50, "all in less than a day"


def run(group: click.Group, words: str, settings: dict[str, str]) -> dict[str, Any]:
    ended = CliRunner().invoke(group, [*words.split(), "--json"], env=settings)
    assert ended.exception is None, (words, ended.output)
    document: dict[str, Any] = json.loads(ended.stdout)
    return document


def planned(words: str, settings: dict[str, str], profile: str) -> dict[str, tuple[int, bool]]:
    """Calls by endpoint, and whether they are exact, as told for a kind of application."""
    document = run(plan, words, settings)
    told = next((one for one in document["plans"] if one["profile"] == profile), document["plans"][0])
    assert told["ends_at"]
    assert told["seconds"] > 0 or not told["calls"]
    return {step["endpoint"]: (step["calls"], step["exact"]) for step in told["steps"]}


@pytest.mark.slow
@pytest.mark.parametrize("profile", ["extended", "development"])
def test_what_is_planned_is_what_it_costs(serve_sandbox: ServeSandbox, tmp_path: Path, profile: str) -> None:
    world = open_catalogue(artists=100, seed=7, directory=None)
    album = world.album(world.new_releases()[0])
    assert album
    track, other = (album.track_ids * 2)[:2]
    ids = {"playlist": world.playlists()[0], "track": track, "other": other}
    ready = serve_sandbox("--artists", "100", "--seed", "7", "--profile", profile)
    names = ("api_url", "accounts_url", "client_id", "client_secret")
    settings = {f"TUNELAKE_SPOTIFY_{name.upper()}": ready[name] for name in names}
    settings |= {f"TUNELAKE_{name.upper()}": ready[name] for name in ("musicbrainz_url", "listenbrainz_url")}
    settings |= {"TUNELAKE_HOME": str(tmp_path / "home")}
    jobs = JOBS if profile == "extended" else JOBS[:1]
    for job in jobs:
        words = job.format(**ids)
        before = planned(words, settings, profile)
        took = run(collect, words, settings)["calls_by_endpoint"]
        exact = {name: calls for name, (calls, is_exact) in before.items() if is_exact}
        assert exact == {name: took.get(name, 0) for name in exact}, words
        # What is closed to an application is asked once, to find that out.
        unplanned = {name: calls for name, calls in took.items() if name not in before}
        assert set(unplanned) <= (CLOSED["development"] if profile == "development" else set()), words
        assert set(unplanned.values()) <= {1}, words
        if words.split()[0] not in ASKED_AGAIN:
            assert planned(words, settings, profile) == {}, words
    assert planned("listens", settings, profile) == {"my_recent_plays": (1, True)}
