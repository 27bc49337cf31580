"""A relational store without space, or without its server: yesterday's set serves until today's can."""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

import psycopg
import pymysql
import pytest
from tests.journey.publish.conftest import FEW, MORE, Built
from tests.servers.disk import small_disk
from tests.servers.mariadb import MariaDB, mariadb_folder, mariadb_on
from tests.servers.postgres import Postgres
from tests.servers.process import temporary_folder

from tunelake.bootstrap.publishing import check, publish
from tunelake.cli.failures import report
from tunelake.errors import TunelakeError
from tunelake.publish import sqlalchemy_writer

pytestmark = pytest.mark.slow
LATER, FAILED = 3, 4
_FEW_MB = ("--innodb-file-per-table=OFF", "--innodb-data-file-path=ibdata1:12M:autoextend:max:14M")
_MANY_MB = ("--innodb-file-per-table=OFF", "--innodb-data-file-path=ibdata1:12M:autoextend:max:900M")


@pytest.fixture(scope="module")
def many(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home in which all were built, and others with long names, and which serves the few."""
    folder = tmp_path_factory.mktemp("many")
    shutil.copytree(built.all, folder / "home")
    lines = (f"Band {number} {os.urandom(1000).hex()},rock" for number in range(300))
    (folder / "many.csv").write_text("artist_name,artist_genres\n" + "\n".join(lines), encoding="ascii")
    with built.opened(folder / "home", {}) as lake:
        lake.upload(folder / "many.csv", "artists")
        lake.build()
    shutil.rmtree(folder / "home" / "serving")
    shutil.copytree(built.few / "serving", folder / "home" / "serving")
    return folder / "home"


class Served:
    """A store in which the few are served, and a home in which many were built."""

    def __init__(self, built: Built, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.built, self.all, self._said = built, home, capsys

    def few(self, url: str) -> None:
        """Publish the few."""
        with self.built.opened(self.built.few, self._stores(url)) as lake:
            publish(lake)

    def fails(self, url: str, code: int) -> str:
        """Publish all, which fails; give what was said."""
        with self.built.opened(self.all, self._stores(url)) as lake, pytest.raises(TunelakeError) as told:
            publish(lake)
        assert report(told.value, as_json=False) == code
        return self._said.readouterr().err

    def serves_the_few(self, url: str) -> None:
        """Ask the store for what it has."""
        with self.built.opened(self.built.few, self._stores(url)) as lake:
            assert check(lake).agrees
        with self.built.opened(self.all, self._stores(url)) as lake:
            answerer = lake.answerer(on_demand=False)
            assert [answerer.ask(name).kind for name in (*FEW, MORE[0])] == ["card", "card", "not_found"]

    def serves_all(self, url: str) -> None:
        """Publish all, which holds now."""
        with self.built.opened(self.all, self._stores(url)) as lake:
            publish(lake)
            assert check(lake).agrees
            assert lake.answerer(on_demand=False).ask(MORE[0]).kind == "card"

    def _stores(self, url: str) -> dict[str, str]:
        return {"TUNELAKE_CATALOGUE_URL": url, "TUNELAKE_NAMES": "catalogue"}


@pytest.fixture
def served(built: Built, many: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Served:
    shutil.copytree(many, tmp_path / "home")
    return Served(built, tmp_path / "home", capsys)


def test_a_postgresql_without_space(served: Served, postgres: Postgres) -> None:
    url = postgres.new_database()
    name = url.rpartition("/")[2]
    with temporary_folder("nobody") as folder, small_disk(folder / "d", "size=12m", "uid=nobody") as disk:
        with psycopg.connect(postgres.url(), autocommit=True) as server:
            server.execute(f"create tablespace small location '{disk}'")
            server.execute(f"alter database {name} set default_tablespace = small")
        try:
            served.few(url)
            with psycopg.connect(url, autocommit=True) as server:
                server.execute("create table filler (t text)")
                server.execute("alter table filler alter t set storage plain")
                fill = "insert into filler select repeat('x', 4000) from generate_series(1, 50)"
                with suppress(psycopg.errors.DiskFull):
                    while True:
                        server.execute(fill)
            said = served.fails(url, FAILED)
            assert "No space left" in said
            assert "`tunelake publish`" in said
            assert postgres.password not in said
            served.serves_the_few(url)
            with psycopg.connect(url, autocommit=True) as server:
                server.execute("drop table filler")
            served.serves_all(url)
        finally:
            with psycopg.connect(postgres.url(), autocommit=True) as server:
                server.execute(f"drop database {name} with (force)")
                server.execute("drop tablespace small")


def _fill(server: MariaDB, url: str) -> None:
    with pymysql.connect(
        host="127.0.0.1", port=server.port, user="root", password=server.password,
        database=url.rpartition("/")[2], autocommit=True,
    ) as connection, connection.cursor() as cursor:  # fmt: skip
        cursor.execute("create table filler (t longblob)")
        with suppress(pymysql.err.OperationalError):
            while True:
                cursor.execute("insert into filler values (repeat('x', 100000))")


def test_a_mariadb_without_space_whose_server_goes_away(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    remove = sqlalchemy_writer.Writer._remove_all  # noqa: SLF001  (to end the server in the middle)
    with mariadb_folder() as folder:
        with mariadb_on(folder, *_FEW_MB) as server:
            url = server.new_database()
            name = url.rpartition("/")[2]
            served.few(url)
            _fill(server, url)
            said = served.fails(url, FAILED)
            assert "`tunelake publish`" in said
            assert server.password not in said
            served.serves_the_few(url)
        with mariadb_on(folder, *_MANY_MB) as server:
            url = server.url(name)
            served.serves_the_few(url)

            def ending(writer: sqlalchemy_writer.Writer, gone: dict[str, Collection[str]]) -> None:
                server.process.kill()
                server.process.wait()
                remove(writer, gone)

            with monkeypatch.context() as patch:
                patch.setattr(sqlalchemy_writer.Writer, "_remove_all", ending)
                assert " now" in served.fails(url, LATER)
        with mariadb_on(folder, *_MANY_MB) as server:
            served.serves_the_few(server.url(name))
            served.serves_all(server.url(name))
