"""`tunelake sandbox`: serve it, and show the truth behind it."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import get_args

import click
import msgspec

from tunelake.bootstrap import sandboxes
from tunelake.cli.show import json_option, printing, say
from tunelake.sandbox.server.changes import parse_changes
from tunelake.sandbox.server.config import (
    DEMO_CLIENT,
    Profile,
    Ready,
    SandboxConfig,
    parse_limits,
    parse_quota,
)
from tunelake.sandbox.server.lies import Lie

artists_option = click.option(
    "--artists",
    type=click.IntRange(1, 5_000_000),
    default=1000,
    show_default=True,
    help="How many artists to generate, beside the real ones.",
)
seed_option = click.option("--seed", type=int, default=1, show_default=True, help="Which world.")
rate = click.FloatRange(0, 1)


@click.group()
def sandbox() -> None:
    """A server that behaves like the Spotify Web API, over a generated world or your own files."""


@sandbox.command()
@artists_option
@seed_option
@click.option("--catalogue", type=click.Path(path_type=Path), help="Serve your own files instead.")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(0, 65535), default=8787, show_default=True, help="0: a free one.")
@click.option("--profile", type=click.Choice(get_args(Profile)), default="extended", show_default=True)
@click.option(
    "--limit", "limits", multiple=True, help="window:CALLS/SECONDS or bucket:RATE/BURST; repeatable."
)
@click.option("--quota", help="CALLS:SECONDS: per endpoint and account, then a ban, for example 600:72000.")
@click.option("--token-lifetime", type=float, default=3600, show_default=True, help="Seconds.")
@click.option("--latency", type=float, default=0, help="Seconds added to every answer.")
@click.option("--rate-5xx", type=rate, default=0, help="Share of calls answered 500, 502 or 503.")
@click.option("--rate-cut", type=rate, default=0, help="Share of connections closed in mid-body.")
@click.option("--rate-slow", type=rate, default=0, help="Share of bodies that dribble.")
@click.option(
    "--rate-malformed", type=rate, default=0, help="Share of truncated JSON and HTML pages with 200."
)
@click.option("--rate-shift", type=rate, default=0, help="Share of pages whose offset has moved by one.")
@click.option(
    "--drift",
    "changes",
    multiple=True,
    help="remove:OBJECT.FIELD, rename:OBJECT.FIELD=NEW, retype:OBJECT.FIELD or add:OBJECT.FIELD; repeatable.",
)
@click.option(
    "--lie",
    "lies",
    type=click.Choice(get_args(Lie)),
    multiple=True,
    help="Lists whose total is too high, or whose links lead round or on without end; repeatable.",
)
@click.option("--retry-after", default="", help="What a 429 says instead: 90000, 0, date:90000, or anything.")
@click.option("--play-every", "play_every_s", type=float, default=210, help="Seconds between a user's plays.")
@click.option("--client-id", default=DEMO_CLIENT.id, help="Default: one that is printed.")
@click.option("--client-secret", default=DEMO_CLIENT.secret, help="Default: one that is printed.")
def serve(
    artists: int,
    seed: int,
    catalogue: Path | None,
    limits: tuple[str, ...],
    quota: str | None,
    token_lifetime: float,
    latency: float,
    changes: tuple[str, ...],
    **told: object,
) -> None:
    """Serve until Ctrl-C.

    When ready, print one JSON line with the URLs and the credentials.
    """
    config = msgspec.convert(
        told
        | {
            "limits": parse_limits(limits),
            "quota": parse_quota(quota) if quota else None,
            "token_lifetime_s": token_lifetime,
            "latency_s": latency,
            "drift": parse_changes(changes),
            "seed": seed,
        },
        SandboxConfig,
    )
    world = sandboxes.sandbox_catalogue(artists=artists, seed=seed, directory=catalogue)
    say(f"sandbox: {world.about.label}")
    sandboxes.serve_sandbox(config, world, _tell)


def _tell(ready: Ready) -> None:
    click.echo(msgspec.json.encode(ready).decode())
    sys.stdout.flush()


@sandbox.command()
@artists_option
@seed_option
@json_option
def truth(artists: int, seed: int, as_json: bool) -> None:
    """Print the planted group of every generated artist.

    As CSV or JSON, for evaluation.
    """
    pairs = sandboxes.sandbox_truth(artists=artists, seed=seed)
    with printing():
        _print_truth(pairs, as_json=as_json)


def _print_truth(pairs: Iterable[tuple[str, str]], *, as_json: bool) -> None:
    if as_json:
        rows = [{"artist_id": artist_id, "group": group} for artist_id, group in pairs]
        click.echo(msgspec.json.encode(rows).decode())
        return
    writer = csv.writer(sys.stdout)
    writer.writerow(["artist_id", "group"])
    writer.writerows(pairs)
