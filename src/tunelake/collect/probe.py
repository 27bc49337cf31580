"""What this application may call, found out by asking once for each; an async shell."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

from tunelake.collect.caller import Caller
from tunelake.collect.ports import Gate, HttpResponse
from tunelake.domain.fields import Shape
from tunelake.domain.states import State
from tunelake.sources.request import Request
from tunelake.sources.spotify import endpoints
from tunelake.sources.spotify.drift import shapes
from tunelake.sources.spotify.profiles import GATED, Profile, profile_of

Verdict = Literal["allowed", "closed", "unknown"]
_STATES = {"allowed": State.FETCHED, "closed": State.FORBIDDEN}
_ALLOWED = {"accept": "allowed", "absent": "closed", "forbidden": "closed", "gone": "closed"}


class Probed(msgspec.Struct, frozen=True, kw_only=True):
    """What a source allows.

    Attributes:
        endpoints: Verdict by endpoint; "unknown" when there was no answer for good.
        profile: The kind of application that fits the verdicts; None when nothing answered.
        held: Why nothing (more) was sent, for example a cooldown; empty when all was asked.
        calls: Requests sent.
        gates: What was found out about each endpoint that answered for good.
        shapes: Which fields the answers had, by endpoint and place.
    """

    endpoints: dict[str, Verdict]
    profile: Profile | None
    held: str
    calls: int
    gates: list[Gate] = []
    shapes: dict[str, dict[str, Shape]] = {}


class _Named(msgspec.Struct):
    id: str


class _List(msgspec.Struct):
    items: list[_Named | None] = []


class _Answer(_List):
    """A list, or a search answer that holds one."""

    artists: _List = msgspec.field(default_factory=_List)


class Probe:
    """Asks each endpoint once, about things it finds on the way; no answer is kept."""

    def __init__(self, caller: Caller, market: str) -> None:
        self._caller = caller
        self._market = market
        self._verdicts: dict[str, Verdict] = {}
        self._calls = 0
        self._gates: list[Gate] = []
        self._shapes: dict[str, dict[str, Shape]] = {}

    async def run(self) -> Probed:
        """Ask.

        Raises:
            ConfigError: Nothing answers, or the credentials are refused.
        """
        artist = _first(await self._ask(endpoints.search_artist("the", 1)))
        if artist:
            album = _first(await self._ask(endpoints.artist_albums(artist, 1)))
            track = (
                _first(await self._ask(Request("album_tracks", f"/albums/{album}/tracks"))) if album else ""
            )
            for request in self._gated(artist, album, track):
                await self._ask(request)
        closed = {name for name, verdict in self._verdicts.items() if verdict == "closed"}
        return Probed(
            endpoints=self._verdicts,
            profile=profile_of(closed) if "allowed" in self._verdicts.values() else None,
            held=self._caller.halted,
            calls=self._calls,
            gates=self._gates,
            shapes=self._shapes,
        )

    def _gated(self, artist: str, album: str, track: str) -> Iterator[Request]:
        asked = [
            endpoints.artists([artist]),
            endpoints.top_tracks(artist, self._market),
            endpoints.related_artists(artist),
            Request("new_releases", "/browse/new-releases", (("limit", "1"),)),
        ]
        asked += [endpoints.albums([album])] if album else []
        asked += [endpoints.tracks([track]), endpoints.audio_features([track])] if track else []
        return (request for request in asked if request.endpoint in GATED)

    async def _ask(self, request: Request) -> bytes:
        reply = await self._caller.ask(request, _any_body)
        self._calls += reply.action != "held"
        self._verdicts[request.endpoint] = _ALLOWED.get(reply.action, "unknown")  # type: ignore[assignment]  # of the table
        state = _STATES.get(self._verdicts[request.endpoint])
        if state:
            found = Gate(endpoint=request.endpoint, state=state, reason=reply.reason, at=reply.at)
            self._gates.append(found)
        if state is not State.FETCHED:
            return b""
        self._shapes[request.endpoint] = shapes(request.endpoint, reply.response.body)
        return reply.response.body


def _any_body(_response: HttpResponse) -> tuple[str, bool]:
    """Find nothing wrong with a body: only the status matters here."""
    return "", False


def _first(body: bytes) -> str:
    """Return the id of the first thing in an answer, empty when there is none."""
    try:
        answer = msgspec.json.decode(body, type=_Answer)
    except msgspec.DecodeError:
        return ""
    return next((one.id for one in [*answer.artists.items, *answer.items] if one), "")
