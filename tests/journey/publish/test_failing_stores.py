"""A store that fails when everybody is published: a message, an exit code, and yesterday's set serves."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import psycopg
import pytest
from tests.journey.publish.conftest import FEW, MORE, Built
from tests.servers.postgres import Postgres
from tests.servers.valkey import Valkey, valkey_server
from valkey import Valkey as Client

from tunelake.bootstrap.publishing import publish
from tunelake.cli.failures import report
from tunelake.errors import TunelakeError
from tunelake.publish import sqlalchemy_writer, valkey_store

pytestmark = pytest.mark.slow
CONFIG, LATER, FAILED = 2, 3, 4


class Publishing:
    """A home in which all were built and the few are served; publishing there fails."""

    def __init__(self, built: Built, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.built, self.home, self._said = built, home, capsys

    def fails(self, code: int, **stores: str) -> str:
        """Publish into stores of which one fails; give what was said. The home still serves the few."""
        with self.built.opened(self.home, stores) as lake, pytest.raises(TunelakeError) as told:
            publish(lake)
        assert report(told.value, as_json=False) == code
        with self.built.opened(self.home, {}) as lake:
            answerer = lake.answerer(on_demand=False)
            assert [answerer.ask(name).kind for name in (*FEW, MORE[0])] == ["card", "card", "not_found"]
        return self._said.readouterr().err


@pytest.fixture
def publishing(built: Built, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Publishing:
    return Publishing(built, built.half(tmp_path), capsys)


def test_wrong_credentials_are_told_without_them(
    publishing: Publishing, postgres: Postgres, valkey: Valkey
) -> None:
    database = postgres.new_database().rpartition("/")[2]
    said = publishing.fails(CONFIG, TUNELAKE_CATALOGUE_URL=postgres.url(database, password="wr0ng-secret"))
    assert "password authentication failed" in said
    also = publishing.fails(CONFIG, TUNELAKE_DOCUMENTS_URL=valkey.url(password="wr0ng-secret"))
    assert "does not let us in" in also
    assert "wr0ng-secret" not in said + also


def test_a_store_that_is_not_there(publishing: Publishing) -> None:
    said = publishing.fails(LATER, TUNELAKE_CATALOGUE_URL="postgresql://me:s3cret@127.0.0.1:1/x")
    assert "127.0.0.1:1" in said
    assert "s3cret" not in said


def test_a_key_value_store_that_goes_down_in_mid_publish(
    publishing: Publishing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ended when some documents are staged."""
    sent = 0
    send = valkey_store.ValkeyDocuments._send  # noqa: SLF001  (to end the server in the middle)

    with valkey_server() as server:

        def ending(
            store: valkey_store.ValkeyDocuments, staged: str, hashes: str, waiting: dict[str, bytes]
        ) -> int:
            nonlocal sent
            sent += send(store, staged, hashes, waiting)
            if sent >= 2:
                server.process.kill()
                server.process.wait()
            return sent

        monkeypatch.setattr(valkey_store, "_CHUNK", 1)
        monkeypatch.setattr(valkey_store.ValkeyDocuments, "_send", ending)
        said = publishing.fails(LATER, TUNELAKE_DOCUMENTS_URL=server.url())
        assert "cannot be reached now" in said
        assert server.password not in said


def test_a_key_value_store_without_space(publishing: Publishing) -> None:
    with valkey_server() as server, Client.from_url(server.url()) as client:
        used = client.info("memory")["used_memory"]
        client.config_set("maxmemory", used + 30_000)
        said = publishing.fails(FAILED, TUNELAKE_DOCUMENTS_URL=server.url())
        assert "is full" in said
        client.config_set("maxmemory", 0)
        assert not client.exists("{tunelake}:documents")


def test_a_relational_store_whose_connection_is_cut_in_mid_publish(
    publishing: Publishing, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    remove = sqlalchemy_writer.Writer._remove_all  # noqa: SLF001  (to cut it in the middle)

    def cutting(writer: sqlalchemy_writer.Writer, gone: dict[str, Collection[str]]) -> None:
        with psycopg.connect(postgres.url(), autocommit=True) as connection:
            connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'tunelake'"
            )
        remove(writer, gone)

    monkeypatch.setattr(sqlalchemy_writer.Writer, "_remove_all", cutting)
    url = postgres.new_database()
    assert "now" in publishing.fails(LATER, TUNELAKE_CATALOGUE_URL=url)
    with publishing.built.opened(publishing.home, {"TUNELAKE_CATALOGUE_URL": url}) as lake:
        assert set(lake.stores.catalogue.counts().values()) == {0}
