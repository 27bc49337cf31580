"""CPU of a client for one page of 50 full tracks: ask, receive, unpack, decode."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
from bench.harness import Cost, contest, counted, play, tell, write
from bench.page_server import serving
from bench.tracks import bodies

PAGES = 200
WARM = 10
IDS = [f"{number:022d}" for number in range(50)]
MODULE = "bench.decode"


def tunelake(address: str) -> None:
    """Ask as the crawler does and decode into the typed structs that rows are made of."""
    from tunelake.collect.aiohttp_transport import AiohttpTransport
    from tunelake.collect.ports import HttpRequest
    from tunelake.sources.spotify import wire
    from tunelake.sources.spotify.endpoints import tracks

    decoder = msgspec.json.Decoder(wire.TrackList)
    question = tracks(IDS)
    url = f"{address}/v1{question.path}?ids={question.param('ids')}"
    request = HttpRequest(method="GET", url=url, headers={"Authorization": "Bearer none"})

    async def ask(times: int, transport: AiohttpTransport) -> None:
        for _ in range(times):
            response = await transport.send(request)
            found = decoder.decode(response.body).tracks
            assert found
            assert len(found) == 50

    async def run() -> Cost:
        transport = AiohttpTransport()
        await ask(WARM, transport)
        with counted() as cost:
            await ask(PAGES, transport)
        await transport.close()
        return cost

    tell(asyncio.run(run()), PAGES)


def spotipy(address: str) -> None:
    """Ask with spotipy, which decodes into dictionaries."""
    import spotipy as library

    client = library.Spotify(auth="none")
    client.prefix = f"{address}/v1/"
    _repeat(lambda: client.tracks(IDS)["tracks"])


def tekore(address: str) -> None:
    """Ask with tekore, which decodes into typed models."""
    import tekore as library  # type: ignore[import-untyped]  # ships none
    from tekore._client import base  # type: ignore[import-untyped]  # ships none

    # There is no public way to another server.
    base.prefix = f"{address}/v1/"
    client = library.Spotify("none")
    _repeat(lambda: client.tracks(IDS))


def _repeat(ask: Any) -> None:  # noqa: ANN401  a call without arguments
    for _ in range(WARM):
        assert len(ask()) == 50
    with counted() as cost:
        for _ in range(PAGES):
            ask()
    tell(cost, PAGES)


def compare() -> None:
    with serving() as address:
        figures = contest(MODULE, ("tunelake", "spotipy", "tekore"), arguments=(address,))
    ours = figures["tunelake"]["cpu"]
    rows = [
        [name, f"{found['cpu'] * 1e3:.2f} ms", f"{found['cpu'] / ours:.1f}", f"{found['peak_mb']:.0f} MB"]
        for name, found in figures.items()
    ]
    write(
        "decode",
        f"One page of 50 full tracks ({len(next(bodies(50))) / 1000:.0f} KB, gzip) asked for and decoded",
        ["client", "CPU a page", "to ours", "peak memory"],
        rows,
        "Goal: spotipy at least 6 times ours. spotipy gives dictionaries, tekore and Tunelake typed objects.",
    )


if __name__ == "__main__":
    play({"tunelake": tunelake, "spotipy": spotipy, "tekore": tekore}, compare)
