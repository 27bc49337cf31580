"""What sets one open source apart from another: where it is, how fast it may be asked, how it is read."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from tunelake.collect.decide import LONGEST_PARK_S
from tunelake.collect.ports import HttpResponse
from tunelake.settings import Settings
from tunelake.sources.gist import Gist
from tunelake.sources.listenbrainz import endpoints as listenbrainz
from tunelake.sources.listenbrainz import read as listenbrainz_read
from tunelake.sources.listenbrainz import rows as listenbrainz_rows
from tunelake.sources.musicbrainz import read as musicbrainz_read
from tunelake.sources.musicbrainz import rows as musicbrainz_rows
from tunelake.sources.request import Request
from tunelake.sources.spotify.origin import Origin

TOO_MANY, BUSY = 429, 503
BUSY_WAIT_S = "2"


class Server(msgspec.Struct, frozen=True, kw_only=True):
    """One open source.

    Attributes:
        variable: The setting that says where it is.
        interval_s: Seconds between two requests.
        busy: A status by which it says "slower", beside 429.
        rights: Rights of an answer as a whole, by endpoint.
        gist: What follows from an answer; raises ValueError for what is no answer.
        body: The body of a question that is posted; None for a GET.
    """

    source: str
    base: str
    variable: str
    interval_s: float
    rights: Callable[[str], str]
    gist: Callable[[Request, bytes], Gist]
    body: Callable[[Request], bytes | None]
    busy: int = TOO_MANY

    def origin(self, request: Request, response: HttpResponse) -> Origin:  # noqa: ARG002  the port's
        """Whose an answer is: what the endpoint tells is known before it comes."""
        return Origin(self.source, self.rights(request.endpoint))


def musicbrainz(settings: Settings) -> Server:
    """MusicBrainz: one request a second; 503 happens to polite callers, too."""
    return Server(
        source=musicbrainz_rows.SOURCE,
        base=settings.musicbrainz_url,
        variable="TUNELAKE_MUSICBRAINZ_URL",
        interval_s=1.0,
        rights=musicbrainz_rows.rights_of,
        gist=musicbrainz_read.read_gist,
        body=lambda _: None,
        busy=BUSY,
    )


def listenbrainz_of(settings: Settings) -> Server:
    """ListenBrainz: it tells by headers how many requests are left in its window."""
    return Server(
        source=listenbrainz_rows.SOURCE,
        base=settings.listenbrainz_url,
        variable="TUNELAKE_LISTENBRAINZ_URL",
        interval_s=0.0,
        rights=lambda _: listenbrainz_rows.RIGHTS,
        gist=listenbrainz_read.read_gist,
        body=listenbrainz.body_of,
    )


def user_agent(version: str, contact: str) -> str:
    """Who asks, as open sources want to be told."""
    return f"tunelake/{version} ({contact or 'self-hosted; operator not named'})"


def window_wait(response: HttpResponse) -> float:
    """Seconds until a window of requests opens anew; 0 while some are left."""
    left = response.headers.get("x-ratelimit-remaining", "")
    opens = response.headers.get("x-ratelimit-reset-in", "")
    is_number = opens.isascii() and opens.isdigit()
    return min(float(opens), LONGEST_PARK_S) if left == "0" and is_number else 0.0


def as_limited(server: Server, response: HttpResponse) -> HttpResponse:
    """The server's way to say "slower", in the words that `decide` knows."""
    if response.status not in {server.busy, TOO_MANY}:
        return response
    told = response.headers.get("retry-after") or response.headers.get("x-ratelimit-reset-in") or BUSY_WAIT_S
    return msgspec.structs.replace(
        response, status=TOO_MANY, headers={**response.headers, "retry-after": told}
    )
