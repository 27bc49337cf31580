"""GET /authorize: where a user agrees, and is sent back to the application. Pure."""

from __future__ import annotations

from html import escape
from urllib.parse import urlencode, urlsplit

import msgspec

from tunelake.sandbox.server.accounts import CODE_LIFETIME_S, Accounts, Login
from tunelake.sandbox.server.params import Params

LOOPBACK = frozenset({"127.0.0.1", "::1"})


class Answer(msgspec.Struct, frozen=True):
    """A page with a status, or a redirect (302) to `location`."""

    status: int
    text: str = ""
    location: str = ""


def authorize(params: Params, accounts: Accounts, user: str, now: float) -> Answer:
    """Agree at once, or with `show_dialog=true` show a page with the two answers first.

    Errors that concern the application's identity are shown and never redirected, so that no stranger's
    address receives a code.
    """
    redirect_uri = params.get("redirect_uri", "")
    if not accounts.knows(params.get("client_id", "")):
        return Answer(400, "INVALID_CLIENT: Invalid client")
    if not _allowed(redirect_uri):
        return Answer(400, "INVALID_CLIENT: Insecure redirect URI")
    state = {"state": params["state"]} if "state" in params else {}
    error = _error(params)
    if error:
        return _back(redirect_uri, {"error": error, **state})
    if "answer" not in params and params.get("show_dialog", "").lower() == "true":
        return Answer(200, _dialog(params))
    login = Login(
        client_id=params["client_id"],
        redirect_uri=redirect_uri,
        scope=params.get("scope", ""),
        user=params.get("user") or user,
        challenge=params.get("code_challenge", ""),
        until=now + CODE_LIFETIME_S,
    )
    return _back(redirect_uri, {"code": accounts.consent(login), **state})


def _error(params: Params) -> str | None:
    """What the application is told when it gets no code."""
    if params.get("response_type") != "code":
        return "unsupported_response_type"
    if params.get("code_challenge") and params.get("code_challenge_method") != "S256":
        return "invalid_request"
    return "access_denied" if params.get("answer") == "no" else None


def _allowed(redirect_uri: str) -> bool:
    """Encrypted, or a loopback address by number: `localhost` is refused since April 2025."""
    try:
        parts = urlsplit(redirect_uri)
    except ValueError:
        return False
    if parts.scheme == "https":
        return bool(parts.hostname)
    return parts.scheme == "http" and parts.hostname in LOOPBACK


def _back(redirect_uri: str, query: dict[str, str]) -> Answer:
    separator = "&" if urlsplit(redirect_uri).query else "?"
    return Answer(302, location=f"{redirect_uri}{separator}{urlencode(query)}")


def _dialog(params: Params) -> str:
    links = {
        answer: escape(f"/authorize?{urlencode({**params, 'answer': answer})}") for answer in ("yes", "no")
    }
    return (
        "<!DOCTYPE html><html lang='en'><head><meta charset='utf-8'><title>Sandbox login</title></head>"
        f"<body><h1>Sandbox login</h1><p>The application asks for: "
        f"{escape(params.get('scope', '') or 'nothing in particular')}.</p>"
        f"<p><a id='agree' href='{links['yes']}'>Agree</a> <a id='cancel' href='{links['no']}'>Cancel</a></p>"
        "</body></html>"
    )
