"""Servers that are not there, are not ours, or answer nonsense; secrets that are wrong."""

from __future__ import annotations

import socket
import time
from pathlib import Path

import pytest
from tests.conftest import ServeSandbox
from tests.journey.bad_input.conftest import settings_of
from tests.journey.bad_input.homes import Tell, holds, names_of, pages, rows
from tests.journey.bad_input.sick_server import SickServer

SECRET = "s3cret-that-must-stay-" + "0123456789abcdef"
NOWHERE = {
    "TUNELAKE_SPOTIFY_API_URL": "http://127.0.0.1:9/v1",
    "TUNELAKE_SPOTIFY_ACCOUNTS_URL": "http://127.0.0.1:9",
}


def collect(*names: str) -> list[str]:
    return ["collect", "artists", *(word for name in names for word in ("--name", name))]


def test_a_wrong_secret_is_told_by_its_variables_and_printed_nowhere(tell: Tell, home: Path) -> None:
    for words in (collect("Adele"), [*collect("Adele"), "--json"], ["doctor"], ["doctor", "--json"]):
        said = tell(*words, TUNELAKE_SPOTIFY_CLIENT_SECRET=SECRET)
        assert said.code == 2
        assert "refused the client id or secret" in said.out + said.err.replace("\n", " ")
        assert SECRET not in said.out + said.err
    assert "TUNELAKE_SPOTIFY_CLIENT_ID and TUNELAKE_SPOTIFY_CLIENT_SECRET" in said.out + said.err
    asked = tell("ask", "Adele", "--json", TUNELAKE_SPOTIFY_CLIENT_SECRET=SECRET)
    assert asked.code == 2
    assert "TUNELAKE_SPOTIFY_CLIENT_SECRET" in asked.document["error"]["message"]
    assert SECRET not in asked.out + asked.err
    assert not holds(home, SECRET)
    assert pages(home) == 0


def test_a_right_secret_is_kept_nowhere_either(tell: Tell, home: Path, healthy: dict[str, str]) -> None:
    secret = healthy["TUNELAKE_SPOTIFY_CLIENT_SECRET"]
    said = tell(*collect("Adele"), "--json")
    assert said.code == 0
    assert secret not in said.out + said.err
    assert holds(home, "Adele"), "this search finds what is there"
    assert not holds(home, secret)
    assert not holds(home, "Bearer ")


def test_no_secret_at_all_is_told(tell: Tell) -> None:
    said = tell(*collect("Adele"), TUNELAKE_SPOTIFY_CLIENT_SECRET="")
    assert said.code == 2
    assert "set TUNELAKE_SPOTIFY_CLIENT_ID and TUNELAKE_SPOTIFY_CLIENT_SECRET" in said.err


def test_a_server_that_is_not_there_is_named_within_seconds(tell: Tell, home: Path) -> None:
    start = time.monotonic()
    said = tell(*collect("Adele", "TWICE"), **NOWHERE)
    assert time.monotonic() - start < 20
    assert said.code == 2
    assert "nothing answers at http://127.0.0.1:9 " in said.err
    assert "start the server or set TUNELAKE_SPOTIFY_ACCOUNTS_URL" in said.err
    assert pages(home) == 0
    assert tell("ask", "Adele", **NOWHERE).code != 0


def test_a_server_that_went_away_leaves_a_gap_and_what_came_before(tell: Tell, home: Path) -> None:
    assert tell(*collect("Adele")).code == 0
    before = rows(home)
    gone = tell(*collect("TWICE"), "--json", TUNELAKE_SPOTIFY_API_URL=NOWHERE["TUNELAKE_SPOTIFY_API_URL"])
    assert gone.code in {1, 2}
    assert "cannot connect" in gone.out
    assert rows(home) == before


def test_html_truncated_json_and_wrong_shapes_are_gaps_until_the_server_is_well(
    tell: Tell, home: Path, sick_server: SickServer, tmp_path: Path
) -> None:
    well, sick = "Coldplay", {"Adele": "html", "TWICE": "truncated", "Madonna": "empty", "aespa": "shape"}
    sick_server.sick = sick
    said = tell(*collect(well, *sick), "--json", **sick_server.settings)
    assert said.code == 1
    report = said.document
    wants = {want["asked"]: want for want in report["wants"]}
    assert wants[well]["state"] == "fetched"
    for name, sickness in sick.items():
        assert wants[name]["state"] == "quarantined", name
        reason = "unexpected shape" if sickness == "shape" else "not JSON"
        assert reason in wants[name]["reason"], name
    assert len(report["gaps"]) == len(sick)
    assert names_of(home) & {well, *sick} == {well}
    pages(home)
    assert tell("ledger", "--gaps", **sick_server.settings).code == 1

    sick_server.sick = {}
    assert tell(*collect(well, *sick), **sick_server.settings).code == 0
    assert tell("ledger", "--gaps", **sick_server.settings).code == 0
    clean = tmp_path / "clean"
    assert tell(*collect(well, *sick), TUNELAKE_HOME=str(clean), **sick_server.settings).code == 0
    assert rows(home)["artists"] == rows(clean)["artists"]
    assert rows(home)["artist_genres"] == rows(clean)["artist_genres"]


def test_nothing_but_malformed_answers_end_as_gaps_with_the_reason(
    tell: Tell, home: Path, serve_sandbox: ServeSandbox
) -> None:
    broken = settings_of(serve_sandbox("--artists", "5", "--rate-malformed", "1.0"))
    said = tell(*collect("Adele"), **broken)
    assert said.code == 1
    assert "1 deferred" in said.out
    assert "the answer holds no token" in said.out
    assert "nothing new: no table changed" in said.out
    assert pages(home) == 0
    assert tell(*collect("Adele")).code == 0
    assert "Adele" in names_of(home)


@pytest.mark.parametrize("words", [("sandbox", "serve"), ("serve",)])
def test_a_busy_port_is_named_with_what_to_do(start: Tell, words: tuple[str, ...]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        said = start(*words, "--port", str(port))
    assert said.code == 2
    assert str(port) in said.err
    assert "port 0" in said.err
    assert "Traceback" not in said.err


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TUNELAKE_SPOTIFY_API_URL", "ftp://example.org"),
        ("TUNELAKE_SPOTIFY_ACCOUNTS_URL", "accounts.example.org"),
        ("TUNELAKE_MARKET", "Korea"),
        ("TUNELAKE_MAX_AGE_HOURS", "soon"),
        ("TUNELAKE_MAX_WAIT_SECONDS", "-1"),
    ],
)
def test_a_setting_that_cannot_be_understood_is_named(tell: Tell, home: Path, name: str, value: str) -> None:
    said = tell(*collect("Adele"), **{name: value})
    assert said.code == 2
    assert name in said.err
    assert repr(value.upper() if name == "TUNELAKE_MARKET" else value) in said.err
    assert not home.exists()
