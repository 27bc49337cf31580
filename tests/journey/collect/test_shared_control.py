"""Two homes, as on two machines, with one control database in PostgreSQL; then without it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.conftest import RunTunelake, ServeSandbox
from tests.journey.collect.test_shared_budget import seen
from tests.servers.postgres import postgres_server

from tunelake.bootstrap.tunelake import Tunelake
from tunelake.cli.doctor import doctor
from tunelake.settings import load

pytestmark = pytest.mark.slow
NAMES = ("--name", "BTS", "--name", "Radiohead")


def test_what_one_machine_collected_is_known_to_another_and_nothing_is_sent_without_the_database(
    run_tunelake: RunTunelake, serve_sandbox: ServeSandbox, tmp_path: Path
) -> None:
    ready = serve_sandbox("--artists", "50")
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
