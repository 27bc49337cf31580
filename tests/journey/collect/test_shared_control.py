"""Two homes, as on two machines, with one control database in PostgreSQL; then without it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import click
import psycopg
import pytest
from click.testing import CliRunner
from tests.conftest import RunTunelake, ServeSandbox
from tests.journey.collect.test_shared_budget import seen
from tests.servers.postgres import postgres_server

from tunelake.bootstrap.tunelake import Tunelake
from tunelake.cli.doctor import doctor
from tunelake.cli.ledger import ledger
from tunelake.cli.status import status
from tunelake.settings import load

pytestmark = pytest.mark.slow
NAMES = ("--name", "BTS", "--name", "Radiohead")


def test_what_one_machine_collected_is_known_to_another_and_nothing_is_sent_without_the_database(
    run_tunelake: RunTunelake, serve_sandbox: ServeSandbox, tmp_path: Path
) -> None:
    ready = serve_sandbox("--artists", "50", "--drift", "add:artist.mood")
    names = ("api_url", "accounts_url", "client_id", "client_secret")
    settings = {f"TUNELAKE_SPOTIFY_{name.upper()}": ready[name] for name in names}
    with postgres_server() as postgres:
        settings |= {"TUNELAKE_CONTROL_URL": postgres.new_database(), "TUNELAKE_MAX_WAIT_SECONDS": "1"}
        here, there = ({**settings, "TUNELAKE_HOME": str(tmp_path / home)} for home in ("here", "there"))
        first = run_tunelake("collect", "artists", *NAMES, "--json", **here)
        assert first.returncode == 0, first.stderr
        again = run_tunelake("collect", "artists", *NAMES, "--json", **there)
        assert json.loads(again.stdout)["calls"] == 0
        state = Tunelake(load(there)).status()
        assert [one.wants for one in state.ledgers] == [{"artist": {"unchanged": 2}}]
        assert state.budgets[0].granted >= 2
        _what_drifted_is_known_to_all_and_found_again(settings["TUNELAKE_CONTROL_URL"], here, there)
        _a_damaged_database_of_the_home_is_made_anew(Path(here["TUNELAKE_HOME"]), here)
        sent = seen(ready)["requests"]
    asked = run_tunelake("collect", "artists", "--name", "Björk", **there)
    assert asked.returncode == 3
    assert "cannot be reached now" in asked.stderr
    looked = CliRunner().invoke(doctor, ["--offline"], env=there).output
    assert re.search(r"WRONG +control database +the control database, PostgreSQL at", looked), looked
    assert postgres.password not in looked
    assert seen(ready)["requests"] == sent
    for run in (first, again, asked):
        assert postgres.password not in run.stdout + run.stderr


def _told(command: click.Command, words: str, settings: dict[str, str]) -> Any:
    ended = CliRunner().invoke(command, [*words.split(), "--json"], env=settings)
    assert ended.exception is None, ended.output
    return json.loads(ended.stdout)


def _what_drifted_is_known_to_all_and_found_again(
    url: str, here: dict[str, str], there: dict[str, str]
) -> None:
    drift = _told(ledger, "--drift", there)
    assert ("search", "artist", "mood") in {
        (one["endpoint"], one["object"], one["field"]) for one in drift["drift"]
    }
    allowed = _told(doctor, "--offline", there)
    assert drift == _told(ledger, "--drift", here)
    # Of what the shared database lost, a home tells it again what landed there; what it knows, it keeps.
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("update field_drift set first_seen_at = '2020-01-01T00:00:00.000000+00:00'")
        connection.execute("delete from field_drift where endpoint = 'artists'")
        connection.execute("delete from fields")
        connection.execute("delete from capabilities")
    assert _told(ledger, "--rebuild", here)["kept"] is None
    again = _told(ledger, "--drift", there)["drift"]
    assert {(one["endpoint"], one["field"]) for one in again} == {
        (one["endpoint"], one["field"]) for one in drift["drift"]
    }
    assert {one["first_seen_at"][:4] for one in again if one["endpoint"] == "search"} == {"2020"}
    assert _told(doctor, "--offline", there) == allowed


def _a_damaged_database_of_the_home_is_made_anew(home: Path, here: dict[str, str]) -> None:
    control = home / "control.db"
    assert control.exists(), "jobs and counts"
    for name in (control, *control.parent.glob("control.db-wal"), *control.parent.glob("control.db-shm")):
        name.unlink()
    control.write_bytes(b"no database " * 500)
    broken = CliRunner().invoke(status, ["--json"], env=here)
    assert "ledger --rebuild" in broken.output
    aside = _told(ledger, "--rebuild", here)["kept"]
    assert Path(aside).read_bytes().startswith(b"no database")
    assert "cannot be used" not in CliRunner().invoke(status, ["--json"], env=here).output
