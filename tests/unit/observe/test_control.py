"""What the operator sees of a control database that is damaged, away, or shared."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.servers.postgres import Postgres

from tunelake.bootstrap.tunelake import Tunelake
from tunelake.collect.budget.budgets import key_of
from tunelake.collect.budget.governor import Grant
from tunelake.collect.budget.postgres_journal import PostgresJournal
from tunelake.collect.budget.shared_governor import SharedGovernor
from tunelake.collect.budget.verdicts import Verdict
from tunelake.collect.ledger.sql_ledger import SqlLedger
from tunelake.collect.ports import Want
from tunelake.domain.states import State
from tunelake.errors import ConfigError
from tunelake.settings import Secret, Settings

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
HERE = "http://here/v1"


def settings(home: Path, url: str = "") -> Settings:
    return Settings(home=home, spotify_api_url=HERE, spotify_client_id="me", control_url=Secret(url))


def test_status_and_metrics_answer_beside_a_damaged_control_database(tmp_path: Path) -> None:
    product = Tunelake(settings(tmp_path / "home"))
    product.lake.home.control.write_bytes(b"no database " * 400)
    (trouble,) = [one for one in product.status().lake.troubles if "--rebuild" in one][:1]
    assert "control.db" in trouble
    text = product.metrics().decode()
    assert "\ntunelake_troubles 1.0\n" in text
    assert "# trouble: the control database" in text
    assert "tunelake_landing_lag_seconds 0.0" in text


@pytest.mark.parametrize("password", ["hush", "wrong"])
def test_a_shared_control_database_that_is_away_or_shut_is_told_without_its_password(
    tmp_path: Path, postgres: Postgres, password: str
) -> None:
    url = "postgresql://me:hush@127.0.0.1:1/x" if password == "hush" else postgres.url(password="wrong")
    product = Tunelake(settings(tmp_path / "home", url))
    (trouble,) = {one.split(" (")[0] for one in product.status().lake.troubles}
    assert "PostgreSQL at 127.0.0.1" in trouble
    assert password not in str(product.status().lake.troubles)
    with pytest.raises(Exception, match="PostgreSQL at") as told, product.ledger():
        pass
    assert password not in str(told.value)
    assert isinstance(told.value, ConfigError) == (password == "wrong")


def test_what_machines_share_is_seen_by_each(tmp_path: Path, postgres_url: str) -> None:
    here = settings(tmp_path / "here", postgres_url)
    assert Tunelake(here).status().ledgers == [], "nothing is made by looking"
    ledger = SqlLedger(postgres_url, HERE)
    ledger.put_wants([Want(kind="artist", asked="BTS", state=State.WANTED)], NOW)
    ledger.close()
    governor = SharedGovernor(PostgresJournal(postgres_url, key_of(HERE, "me")))
    leave, _ = governor.ask("backfill")
    assert isinstance(leave, Grant)
    governor.answered(leave, Verdict(status=429, retry_after=72_000.0))
    governor.close()
    state = Tunelake(here).status()
    assert state.control.startswith("PostgreSQL at 127.0.0.1")
    assert [one.wants for one in state.ledgers] == [{"artist": {"wanted": 1}}]
    (budget,) = state.budgets
    assert budget.parked_until is not None
    assert 71_000 < (budget.parked_until - datetime.now(UTC)).total_seconds() < 72_100
    assert not (tmp_path / "here" / "control.db-budget").exists()
