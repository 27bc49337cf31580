"""One question to a source, and the next page that an answer points to. Pure."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode, urlsplit

import msgspec

from tunelake.domain.pages import Params


class Request(msgspec.Struct, frozen=True):
    """One question to the API.

    Attributes:
        endpoint: Its name here, for example "artist_albums".
        path: Below the configured base, for example "/artists/4tZ/albums".
    """

    endpoint: str
    path: str
    params: Params = ()

    @property
    def line(self) -> str:
        """Path and query, as they are sent."""
        return f"{self.path}?{urlencode(self.params)}" if self.params else self.path

    def param(self, name: str) -> str | None:
        """The value of a parameter, None when it is not given."""
        return dict(self.params).get(name)

    def with_param(self, name: str, value: str) -> Request:
        """The same question with one parameter set anew."""
        kept = tuple((key, old) for key, old in self.params if key != name)
        return Request(self.endpoint, self.path, (*kept, (name, value)))


def following(link: str, base: str, endpoint: str) -> Request | None:
    """The next page a link points to, as path and query alone: its host is not trusted.

    Args:
        link: The `next` of a page, absolute or relative.
        base: The configured base of the API; only its path is used.
        endpoint: The endpoint the next page belongs to.

    Returns:
        None when the link cannot be a page of this API.
    """
    try:
        parts = urlsplit(link)
        prefix = urlsplit(base).path.rstrip("/")
    except ValueError:
        return None
    path = parts.path.removeprefix(prefix) if prefix else parts.path
    # Another server may serve the API below another prefix; what matters comes after "/v1".
    if prefix and not parts.path.startswith(prefix + "/") and parts.path.startswith("/v1/"):
        path = parts.path.removeprefix("/v1")
    if not path.startswith("/") or "/../" in path:
        return None
    return Request(endpoint, path, tuple(parse_qsl(parts.query, keep_blank_values=True)))
