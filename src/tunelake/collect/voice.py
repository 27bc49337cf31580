"""How a source is understood: where it is, what its answers say, whose they are. Pure."""

from __future__ import annotations

from typing import Protocol

from tunelake.collect.decide import OK
from tunelake.collect.ports import HttpResponse
from tunelake.sources.gist import Gist
from tunelake.sources.request import Request
from tunelake.sources.spotify.origin import Origin, origin_of
from tunelake.sources.spotify.read import read_gist


class Voice(Protocol):
    """What an asker has to know of a source."""

    @property
    def base(self) -> str:
        """The base of its API, which names its ledger, too."""

    def gist(self, request: Request, body: bytes, /) -> Gist:
        """What follows from a body.

        Raises:
            Misshapen: It is JSON of another shape.
            ValueError: It cannot be read.
        """

    def origin(self, request: Request, response: HttpResponse, /) -> Origin:
        """Source and rights of an answer as a whole."""


class SpotifyVoice:
    """The Spotify Web API, or a sandbox that says of itself to be one."""

    def __init__(self, base: str) -> None:
        self.base = base
        self._origin: Origin | None = None

    def gist(self, request: Request, body: bytes) -> Gist:
        """What follows from a body."""
        return read_gist(request, body)

    def origin(self, request: Request, response: HttpResponse) -> Origin:  # noqa: ARG002  the port's
        """Whose answer it is, by its headers."""
        origin = origin_of(response.headers)
        if self._origin and response.status != OK:
            # What stands between us and the source (a proxy's error page) may lack the source's mark.
            origin = self._origin
        self._origin = origin
        return origin
