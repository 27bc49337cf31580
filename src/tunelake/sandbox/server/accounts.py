"""The accounts service: who may have a token, and whose a token is. Pure, with time as an argument."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Callable, Mapping, Sequence

import msgspec

from tunelake.sandbox.server.config import Client
from tunelake.sandbox.server.refusals import GrantRefusal, Refusal

CODE_LIFETIME_S = 600
REFRESH_LIFETIME_S = 182 * 86_400
Form = Mapping[str, str]


class Login(msgspec.Struct, frozen=True, kw_only=True):
    """A consent of a user to an application, waiting to be exchanged for tokens."""

    client_id: str
    redirect_uri: str
    scope: str
    user: str
    challenge: str
    until: float


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """What a token stands for; `since` is when the user first agreed."""

    client_id: str
    user: str | None = None
    scope: str = ""
    since: float = 0
    until: float = 0


class Accounts:
    """Gives tokens, renews them, and tells whose they are."""

    def __init__(self, clients: Sequence[Client], token_lifetime_s: float) -> None:
        self._secrets = {client.id: client.secret for client in clients}
        self._lifetime_s = token_lifetime_s
        self._logins: dict[str, Login] = {}
        self._access: dict[str, Grant] = {}
        self._refresh: dict[str, Grant] = {}

    def knows(self, client_id: str) -> bool:
        """Whether there is such an application."""
        return client_id in self._secrets

    def consent(self, login: Login) -> str:
        """Keep a user's consent; the code that fetches tokens for it, once."""
        code = secrets.token_urlsafe(48)
        self._logins[code] = login
        return code

    def token(self, form: Form, authorization: str, now: float) -> dict[str, object]:
        """Answer POST /api/token.

        Raises:
            GrantRefusal: In the words of OAuth 2.
        """
        client_id, proved = self._client(form, authorization)
        grants: dict[str, Callable[[], dict[str, object]]] = {
            "client_credentials": lambda: self._for_client(client_id, proved=proved, now=now),
            "authorization_code": lambda: self._for_code(form, client_id, proved=proved, now=now),
            "refresh_token": lambda: self._for_refresh(form, client_id, now=now),
        }
        wanted = form.get("grant_type")
        if not wanted:
            raise GrantRefusal("unsupported_grant_type", "grant_type parameter is missing")
        if wanted not in grants:
            known = ", ".join(grants)
            raise GrantRefusal("unsupported_grant_type", f"grant_type must be one of {known}")
        return grants[wanted]()

    def bearer(self, authorization: str | None, now: float) -> Grant:
        """Whose access token this is.

        Raises:
            Refusal: There is no token, or it is malformed, unknown or expired.
        """
        if not authorization:
            raise Refusal(401, "No token provided")
        kind, _, token = authorization.partition(" ")
        if kind.lower() != "bearer" or not token.strip():
            raise Refusal(400, "Only valid bearer authentication supported")
        grant = self._access.get(token.strip())
        if grant is None:
            raise Refusal(401, "Invalid access token")
        if grant.until <= now:
            raise Refusal(401, "The access token expired")
        return grant

    def _client(self, form: Form, authorization: str) -> tuple[str, bool]:
        """The client id, and whether its secret was given (a client with PKCE has none)."""
        client_id, secret = form.get("client_id", ""), form.get("client_secret")
        if authorization:
            client_id, secret = _basic(authorization)
        if client_id not in self._secrets:
            raise GrantRefusal("invalid_client", "Invalid client")
        if secret is None:
            return client_id, False
        if not secrets.compare_digest(secret.encode(), self._secrets[client_id].encode()):
            raise GrantRefusal("invalid_client", "Invalid client secret")
        return client_id, True

    def _for_client(self, client_id: str, *, proved: bool, now: float) -> dict[str, object]:
        if not proved:
            raise GrantRefusal("invalid_client", "Invalid client secret")
        return self._issue(Grant(client_id=client_id), now)

    def _for_code(self, form: Form, client_id: str, *, proved: bool, now: float) -> dict[str, object]:
        login = self._logins.pop(form.get("code", ""), None)
        if login is None or login.client_id != client_id or login.until <= now:
            raise GrantRefusal("invalid_grant", "Invalid authorization code")
        if login.redirect_uri != form.get("redirect_uri"):
            raise GrantRefusal("invalid_grant", "Invalid redirect URI")
        if login.challenge and challenge_of(form.get("code_verifier", "")) != login.challenge:
            raise GrantRefusal("invalid_grant", "code_verifier was incorrect")
        if not login.challenge and not proved:
            raise GrantRefusal("invalid_request", "code_verifier or client_secret is required")
        grant = Grant(client_id=client_id, user=login.user, scope=login.scope, since=now)
        return self._issue(grant, now)

    def _for_refresh(self, form: Form, client_id: str, *, now: float) -> dict[str, object]:
        old = form.get("refresh_token", "")
        grant = self._refresh.get(old)
        if grant is None or grant.client_id != client_id:
            raise GrantRefusal("invalid_grant", "Invalid refresh token")
        del self._refresh[old]
        if now - grant.since >= REFRESH_LIFETIME_S:
            raise GrantRefusal("invalid_grant", "Refresh token expired")
        return self._issue(grant, now)

    def _issue(self, grant: Grant, now: float) -> dict[str, object]:
        """Tokens for a grant; an old refresh token is dead by now, its successor is in the answer."""
        self._forget_expired(now)
        access = secrets.token_urlsafe(48)
        self._access[access] = msgspec.structs.replace(grant, until=now + self._lifetime_s)
        answer: dict[str, object] = {
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": max(1, int(self._lifetime_s)),
        }
        if grant.user is not None:
            refresh = secrets.token_urlsafe(48)
            self._refresh[refresh] = grant
            answer |= {"refresh_token": refresh, "scope": grant.scope}
        return answer

    def _forget_expired(self, now: float) -> None:
        """Keep a day of expired tokens, to tell expired from invalid; nobody needs more."""
        for token in [token for token, grant in self._access.items() if grant.until + 86_400 <= now]:
            del self._access[token]


def challenge_of(verifier: str) -> str:
    """The S256 challenge of a PKCE verifier."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _basic(authorization: str) -> tuple[str, str]:
    kind, _, encoded = authorization.partition(" ")
    try:
        client_id, colon, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except ValueError as error:
        raise GrantRefusal("invalid_client", "Invalid authorization header") from error
    if kind.lower() != "basic" or not colon:
        raise GrantRefusal("invalid_client", "Invalid authorization header")
    return client_id, secret
