"""What only a journal in a database meets: turns that do not end."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from time import sleep

import pytest

from tunelake.collect.budget import postgres_journal
from tunelake.collect.budget.governor import Grant
from tunelake.collect.budget.postgres_journal import PostgresJournal
from tunelake.collect.budget.shared_governor import SharedGovernor
from tunelake.errors import ConfigError, Retryable


def test_who_is_stopped_in_the_middle_of_a_turn_loses_it(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_journal, "PATIENCE_S", 0.5)
    stopped, other = PostgresJournal(postgres_url, "k"), SharedGovernor(PostgresJournal(postgres_url, "k"))

    def moves() -> None:
        with stopped.turn() as turn:
            turn.news()
            leave, _ = other.ask("backfill")
            assert isinstance(leave, Grant), "it waits until the turn is taken from the other"
            turn.write(b"what must not be written")

    with pytest.raises(Retryable, match="nothing is sent"):
        moves()
    with stopped.turn() as turn:
        lines, fresh = turn.news()
        assert fresh
        assert len(lines) == 2
        assert stopped.alive(str(stopped.me))
    other.close()
    stopped.close()


def test_others_give_up_after_a_while(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = PostgresJournal(postgres_url, "k")
    monkeypatch.setattr(postgres_journal, "PATIENCE_S", 0.2)
    quick = SharedGovernor(PostgresJournal(postgres_url, "k"))
    with slow.turn(), pytest.raises(Retryable, match="another process holds"):
        quick.ask("backfill")
    assert isinstance(quick.ask("backfill")[0], Grant)
    quick.close()
    slow.close()


def test_who_waited_for_a_turn_reads_what_was_written_meanwhile(postgres_url: str) -> None:
    option = "&" if "?" in postgres_url else "?"
    strict = f"{postgres_url}{option}options=-c%20default_transaction_isolation%3Dserializable"
    first, second = PostgresJournal(strict, "k"), PostgresJournal(strict, "k")

    def lines() -> list[bytes]:
        with second.turn() as turn:
            return list(turn.news()[0])

    with ThreadPoolExecutor() as pool:
        with first.turn() as turn:
            waits = pool.submit(lines)
            sleep(0.3)
            assert not waits.done()
            turn.write(b"news\n")
        assert waits.result() == [b"news"]
    first.close()
    second.close()


def test_an_address_that_is_none_is_told_without_its_password() -> None:
    for address in ("postgresql://me:hush@127.0.0.1:port/x", "postgresql://me:hush@127.0.0.1/x?nonsense=1"):
        with pytest.raises(ConfigError, match="cannot be used") as told:
            PostgresJournal(address, "k")
        assert "hush" not in str(told.value)
