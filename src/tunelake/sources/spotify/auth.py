"""Client credentials: the question for a token and its answer. Pure; secrets stay wrapped."""

from __future__ import annotations

import base64
from datetime import datetime, timedelta

import msgspec

from tunelake.errors import ConfigError
from tunelake.settings import Secret, Settings

TOKEN_PATH = "/api/token"  # noqa: S105  a path
FORM = b"grant_type=client_credentials"
_MARGIN = timedelta(seconds=30)


class Token(msgspec.Struct, frozen=True):
    """An access token; `renew_at` is when to ask for the next, a little before it ends."""

    access: Secret
    renew_at: datetime

    def header(self) -> str:
        """The value of the Authorization header."""
        return f"Bearer {self.access.reveal()}"


class _Answer(msgspec.Struct):
    access_token: str
    expires_in: float = 3600.0


def token_headers(settings: Settings) -> dict[str, str]:
    """Headers of the question for a token.

    Raises:
        ConfigError: Id or secret is not set.
    """
    if not settings.spotify_client_id or not settings.spotify_client_secret:
        raise ConfigError(
            "no client id or secret: set TUNELAKE_SPOTIFY_CLIENT_ID and TUNELAKE_SPOTIFY_CLIENT_SECRET "
            "(a sandbox prints both when it starts)"
        )
    pair = f"{settings.spotify_client_id}:{settings.spotify_client_secret.reveal()}"
    return {
        "Authorization": "Basic " + base64.b64encode(pair.encode()).decode(),
        "Content-Type": "application/x-www-form-urlencoded",
    }


def read_token(body: bytes, now: datetime) -> Token | None:
    """Read the answer; None when it holds no token."""
    try:
        answer = msgspec.json.decode(body, type=_Answer)
    except (ValueError, RecursionError):
        return None
    if not answer.access_token or not 0 < answer.expires_in < float("inf"):
        return None
    lifetime = timedelta(seconds=min(answer.expires_in, 86_400.0))
    return Token(Secret(answer.access_token), now + lifetime - min(_MARGIN, lifetime / 5))


def instead(body: bytes) -> str:
    """What an answer is that holds no token, in words; it is not quoted, since it may hold a part of one."""
    start = body.lstrip()[:1]
    if not start:
        return "it is empty"
    if start == b"<":
        return "it is a web page"
    try:
        msgspec.json.decode(body)
    except (ValueError, RecursionError):
        return "it is cut off, or no JSON"
    return "it is JSON of another kind"


def wrong_credentials(accounts_url: str, reason: str) -> ConfigError:
    """What to tell a person whose id or secret is refused."""
    return ConfigError(
        f"{accounts_url} refused the client id or secret ({reason}): "
        "check TUNELAKE_SPOTIFY_CLIENT_ID and TUNELAKE_SPOTIFY_CLIENT_SECRET"
    )
