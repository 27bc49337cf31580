"""A user's login: authorization code with PKCE, and how long it lasts. Pure; tokens are never printed."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

import msgspec

from tunelake.errors import ConfigError

AUTHORIZE = "/authorize"
TOKEN = "/api/token"  # noqa: S105  a path
CALLBACK = "/callback"
SCOPES = ("user-read-recently-played", "user-top-read")
REFRESH_LIFETIME = timedelta(days=182)
"""A refresh token ends six months after the user agreed, however often it was renewed."""
_MARGIN = timedelta(seconds=60)


class Login(msgspec.Struct, frozen=True, kw_only=True):
    """Who is logged in, and the tokens that prove it.

    Attributes:
        user_id: The user's id at the source.
        source: Name space of the ids there: "spotify", or "sandbox".
        server: The API they are logged in at.
        access_until: When the access token ends.
        since: When the user agreed.
        ended: Why a new login is needed; empty while the tokens are good.
    """

    user_id: str
    source: str
    server: str
    accounts: str
    client_id: str
    scope: str
    access: str
    access_until: datetime
    refresh: str
    since: datetime
    ended: str = ""

    def __repr__(self) -> str:
        return f"Login({self.user_id} at {self.server})"

    @property
    def ends(self) -> datetime:
        """When the user has to log in again at the latest."""
        return self.since + REFRESH_LIFETIME

    def is_fresh(self, now: datetime, refused: str = "") -> bool:
        """Whether the access token may be used; not when it is the one that was refused."""
        return self.access != refused and now + _MARGIN < self.access_until


class Tokens(msgspec.Struct, frozen=True, kw_only=True):
    """What the accounts service hands out."""

    access_token: str
    expires_in: float = 3600.0
    refresh_token: str | None = None
    scope: str = ""

    def __repr__(self) -> str:
        return "Tokens(***)"


class _Trouble(msgspec.Struct):
    error: str = ""
    error_description: str = ""


def challenge_of(verifier: str) -> str:
    """The S256 challenge of a verifier."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def authorize_url(accounts: str, client_id: str, redirect: str, state: str, verifier: str) -> str:
    """The address where the user agrees."""
    query = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": redirect,
        "scope": " ".join(SCOPES),
        "state": state,
        "code_challenge_method": "S256",
        "code_challenge": challenge_of(verifier),
    }
    return f"{accounts}{AUTHORIZE}?{urlencode(query)}"


def code_in(target: str, state: str) -> str:
    """Read the code from the address the user was sent back to.

    Raises:
        ConfigError: The user did not agree, or the answer is not to our question.
    """
    given = {name: values[0] for name, values in parse_qs(urlsplit(target).query).items()}
    if not hmac.compare_digest(given.get("state", "").encode(), state.encode()):
        raise ConfigError("the answer of the login has another state than the question: start again")
    if error := given.get("error"):
        raise ConfigError(f"not logged in: {error[:100]}; run `tunelake login` again and agree")
    if not (code := given.get("code")):
        raise ConfigError("not logged in: the answer holds no code; run `tunelake login` again")
    return code


def exchange_form(client_id: str, redirect: str, code: str, verifier: str) -> bytes:
    """The question for tokens after a consent."""
    form = {
        "grant_type": "authorization_code",
        "client_id": client_id,
        "redirect_uri": redirect,
        "code": code,
        "code_verifier": verifier,
    }
    return urlencode(form).encode()


def refresh_form(login: Login) -> bytes:
    """The question for new tokens."""
    form = {"grant_type": "refresh_token", "client_id": login.client_id, "refresh_token": login.refresh}
    return urlencode(form).encode()


def read_tokens(body: bytes) -> Tokens | None:
    """Read the answer; None when it holds no token."""
    try:
        tokens = msgspec.json.decode(body, type=Tokens)
    except (ValueError, RecursionError):
        return None
    return tokens if tokens.access_token and 0 < tokens.expires_in < float("inf") else None


def refused_with(body: bytes) -> str:
    """Why tokens were refused, in the words of OAuth 2; empty when the answer does not say."""
    try:
        trouble = msgspec.json.decode(body, type=_Trouble)
    except (ValueError, RecursionError):
        return ""
    return f"{trouble.error} ({trouble.error_description})" if trouble.error_description else trouble.error


def renewed(login: Login, tokens: Tokens, now: datetime) -> Login:
    """The login with new tokens; a refresh token that was not replaced stays."""
    return msgspec.structs.replace(
        login,
        access=tokens.access_token,
        access_until=now + timedelta(seconds=min(tokens.expires_in, 86_400.0)),
        refresh=tokens.refresh_token or login.refresh,
        scope=tokens.scope or login.scope,
    )


def again(why: str) -> ConfigError:
    """What to tell a user whose login has ended."""
    return ConfigError(f"the login has ended ({why}): log in again with `tunelake login`")
