from __future__ import annotations

import base64
from urllib.parse import parse_qs, urlsplit

import pytest

from tunelake.sandbox.server.accounts import CODE_LIFETIME_S, REFRESH_LIFETIME_S, Accounts, challenge_of
from tunelake.sandbox.server.config import Client
from tunelake.sandbox.server.consent import authorize
from tunelake.sandbox.server.refusals import GrantRefusal, Refusal

VERIFIER = "v" * 43
BACK = "http://127.0.0.1:9000/callback"
ASK = {
    "client_id": "app",
    "response_type": "code",
    "redirect_uri": BACK,
    "state": "s1",
    "scope": "user-top-read",
    "code_challenge_method": "S256",
    "code_challenge": challenge_of(VERIFIER),
}


@pytest.fixture
def accounts() -> Accounts:
    return Accounts([Client("app", "hush"), Client("other", "quiet")], 3600)


def basic(client: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{client}:{secret}".encode()).decode()


def code_of(accounts: Accounts, now: float = 0, **changes: str) -> str:
    shown = authorize({**ASK, **changes}, accounts, "me", now)
    assert shown.status == 302
    return parse_qs(urlsplit(shown.location).query)["code"][0]


def exchange(code: str, **changes: str) -> dict[str, str]:
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK}
    return {**form, "client_id": "app", "code_verifier": VERIFIER, **changes}


def refused(
    accounts: Accounts, form: dict[str, str], authorization: str = "", now: float = 0
) -> tuple[str, str]:
    with pytest.raises(GrantRefusal) as error:
        accounts.token(form, authorization, now)
    return error.value.error, error.value.description


def test_a_known_challenge() -> None:
    # RFC 7636, appendix B.
    assert (
        challenge_of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
        == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    )


def test_client_credentials_by_header_or_body(accounts: Accounts) -> None:
    form = {"grant_type": "client_credentials"}
    given = accounts.token(form, basic("app", "hush"), 0)
    assert (given["token_type"], given["expires_in"]) == ("Bearer", 3600)
    assert "refresh_token" not in given
    assert accounts.bearer(f"Bearer {given['access_token']}", 3599).client_id == "app"
    assert accounts.token({**form, "client_id": "app", "client_secret": "hush"}, "", 0)["access_token"]


@pytest.mark.parametrize(
    ("form", "authorization", "error", "description"),
    [
        ({"grant_type": "client_credentials"}, basic("nobody", "x"), "invalid_client", "Invalid client"),
        ({"grant_type": "client_credentials"}, basic("app", "x"), "invalid_client", "Invalid client secret"),
        ({"grant_type": "client_credentials"}, "Basic %%%", "invalid_client", "Invalid authorization header"),
        (
            {"grant_type": "client_credentials"},
            "Bearer abcd",
            "invalid_client",
            "Invalid authorization header",
        ),
        (
            {"grant_type": "client_credentials", "client_id": "app"},
            "",
            "invalid_client",
            "Invalid client secret",
        ),
        ({}, basic("app", "hush"), "unsupported_grant_type", "grant_type parameter is missing"),
        ({"grant_type": "refresh_token"}, basic("app", "hush"), "invalid_grant", "Invalid refresh token"),
        (exchange("made up"), "", "invalid_grant", "Invalid authorization code"),
    ],
)
def test_refusals(
    accounts: Accounts, form: dict[str, str], authorization: str, error: str, description: str
) -> None:
    assert refused(accounts, form, authorization) == (error, description)


def test_an_unknown_grant_type_names_the_known_ones(accounts: Accounts) -> None:
    error, description = refused(accounts, {"grant_type": "password"}, basic("app", "hush"))
    assert error == "unsupported_grant_type"
    assert "client_credentials" in description


@pytest.mark.parametrize(
    ("header", "status", "message"),
    [
        (None, 401, "No token provided"),
        ("Basic abc", 400, "Only valid bearer authentication supported"),
        ("Bearer ", 400, "Only valid bearer authentication supported"),
        ("Bearer nonsense", 401, "Invalid access token"),
    ],
)
def test_bad_bearer(accounts: Accounts, header: str | None, status: int, message: str) -> None:
    with pytest.raises(Refusal) as error:
        accounts.bearer(header, 0)
    assert (error.value.status, error.value.message) == (status, message)


def test_a_token_expires_and_is_forgotten_a_day_later(accounts: Accounts) -> None:
    form = {"grant_type": "client_credentials"}
    bearer = f"Bearer {accounts.token(form, basic('app', 'hush'), 0)['access_token']}"
    with pytest.raises(Refusal, match="expired"):
        accounts.bearer(bearer, 3600)
    accounts.token(form, basic("app", "hush"), 200_000)
    with pytest.raises(Refusal, match="Invalid"):
        accounts.bearer(bearer, 200_000)


def test_code_with_pkce(accounts: Accounts) -> None:
    given = accounts.token(exchange(code_of(accounts)), "", 1)
    assert given["scope"] == "user-top-read"
    assert accounts.bearer(f"Bearer {given['access_token']}", 1).user == "me"


def test_code_without_pkce_needs_the_secret(accounts: Accounts) -> None:
    code = code_of(accounts, code_challenge="")
    assert refused(accounts, exchange(code))[0] == "invalid_request"
    code = code_of(accounts, code_challenge="")
    assert accounts.token(exchange(code), basic("app", "hush"), 0)["refresh_token"]


@pytest.mark.parametrize(
    ("changes", "description"),
    [
        ({"code_verifier": "w" * 43}, "code_verifier was incorrect"),
        ({"redirect_uri": "http://127.0.0.1:1/"}, "Invalid redirect URI"),
        ({"client_id": "other"}, "Invalid authorization code"),
    ],
)
def test_a_code_is_bound(accounts: Accounts, changes: dict[str, str], description: str) -> None:
    assert refused(accounts, exchange(code_of(accounts), **changes) | changes)[1] == description


def test_a_code_works_once_and_not_for_long(accounts: Accounts) -> None:
    code = code_of(accounts)
    accounts.token(exchange(code), "", 0)
    assert refused(accounts, exchange(code))[0] == "invalid_grant"
    assert refused(accounts, exchange(code_of(accounts)), now=CODE_LIFETIME_S)[0] == "invalid_grant"


def test_refresh_rotates_and_ends_after_six_months(accounts: Accounts) -> None:
    first = accounts.token(exchange(code_of(accounts)), "", 0)
    form = {"grant_type": "refresh_token", "client_id": "app"}
    second = accounts.token({**form, "refresh_token": str(first["refresh_token"])}, "", 10)
    assert second["refresh_token"] != first["refresh_token"]
    assert refused(accounts, {**form, "refresh_token": str(first["refresh_token"])})[0] == "invalid_grant"
    late = {**form, "refresh_token": str(second["refresh_token"])}
    assert refused(accounts, late, now=REFRESH_LIFETIME_S) == ("invalid_grant", "Refresh token expired")


def test_consent_page_shows_both_answers_and_escapes(accounts: Accounts) -> None:
    asked = {**ASK, "show_dialog": "true", "scope": "<script>"}
    page = authorize(asked, accounts, "me", 0)
    assert page.status == 200
    assert "&lt;script&gt;" in page.text
    assert "<script>" not in page.text
    assert "answer=yes" in page.text
    back = authorize({**asked, "answer": "no"}, accounts, "me", 0)
    assert parse_qs(urlsplit(back.location).query) == {"error": ["access_denied"], "state": ["s1"]}
    assert "code=" in authorize({**asked, "answer": "yes"}, accounts, "me", 0).location


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"client_id": "nobody"}, "Invalid client"),
        ({"redirect_uri": "http://localhost:9000/"}, "Insecure redirect URI"),
        ({"redirect_uri": "http://[::1"}, "Insecure redirect URI"),
        ({"redirect_uri": "http://example.org/"}, "Insecure redirect URI"),
        ({"redirect_uri": ""}, "Insecure redirect URI"),
    ],
)
def test_a_stranger_gets_no_redirect(accounts: Accounts, changes: dict[str, str], text: str) -> None:
    shown = authorize({**ASK, **changes}, accounts, "me", 0)
    assert (shown.status, shown.location) == (400, "")
    assert text in shown.text


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
    ],
)
def test_errors_go_back_to_the_application(accounts: Accounts, changes: dict[str, str], error: str) -> None:
    shown = authorize({**ASK, **changes}, accounts, "me", 0)
    assert parse_qs(urlsplit(shown.location).query)["error"] == [error]


@pytest.mark.parametrize(
    "address", ["http://[::1]:9000/cb", "https://example.org/cb", "http://127.0.0.1:1/cb?x=1"]
)
def test_safe_addresses(accounts: Accounts, address: str) -> None:
    shown = authorize({**ASK, "redirect_uri": address}, accounts, "me", 0)
    assert shown.location.startswith(address)
    assert shown.location.count("?") == 1
