"""The login of a BI tool reads what is published, and can do nothing else: tried by real clients."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
import pymysql
import pytest
from tests.contract.test_catalogue_store import artist, put
from tests.servers.mariadb import MariaDB
from tests.servers.postgres import Postgres

from tunelake.errors import ConfigError
from tunelake.publish.schema import TABLES
from tunelake.publish.sqlalchemy_reader import grant_reading
from tunelake.publish.sqlalchemy_store import SqlCatalogue

FORBIDDEN = (
    "insert into artist_genres values ('a1', 9, 'x')",
    "update artists set name = 'x'",
    "delete from artists",
    "drop table artists",
    "create table mine (a int)",
    "select * from publication",
    "alter table artists add column a int",
)


def published(url: str) -> None:
    store = SqlCatalogue(url)
    put(store, artist("a1", "One"))
    store.close()


def holds(select: Callable[[str], int], forbidden: Callable[[str], None]) -> None:
    counts = [f"select count(*) from {table.name}" for table in TABLES]  # noqa: S608  (our names)
    assert all(select(count) >= 0 for count in counts)
    assert select("select count(*) from artists") == 1
    for statement in FORBIDDEN:
        forbidden(statement)


def test_postgresql(postgres: Postgres, postgres_url: str) -> None:
    published(postgres_url)
    database = postgres_url.rpartition("/")[2]
    for password in ("first", "it's the second"):
        assert password not in grant_reading(postgres_url, "analyst", password)
    with psycopg.connect(
        host="127.0.0.1", port=postgres.port, dbname=database, user="analyst", password="it's the second"
    ) as connection:
        connection.autocommit = True
        connection.execute("set default_transaction_read_only = off")  # whoever wants to may: rights hold

        def select(sql: str) -> int:
            found = connection.execute(sql.encode()).fetchone()
            assert found is not None
            return int(found[0])

        def forbidden(sql: str) -> None:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(sql.encode())

        holds(select, forbidden)
        # The queries of a transaction see one publication.
        with connection.transaction():
            assert select("select count(*) from artists") == 1
            store = SqlCatalogue(postgres_url)
            put(store, artist("a1", "One"), artist("a2", "Two"))
            assert select("select count(*) from artists") == 1
            store.close()
        assert select("select count(*) from artists") == 2
        forbidden("select * from pg_authid")
        forbidden("copy artists to '/somewhere'")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(
            host="127.0.0.1", port=postgres.port, dbname=database, user="analyst", password="first"
        )
    with pytest.raises(ConfigError, match="take another name"):
        grant_reading(postgres_url, "postgres", "x")


def test_mariadb(mariadb: MariaDB, mariadb_url: str) -> None:
    published(mariadb_url)
    for password in ("first", "it's the second"):
        grant_reading(mariadb_url, "analyst", password)
    connection = pymysql.connect(
        host="127.0.0.1", port=mariadb.port, database=mariadb_url.rpartition("/")[2],
        user="analyst", password="it's the second", autocommit=True,
    )  # fmt: skip
    with connection, connection.cursor() as cursor:

        def select(sql: str) -> int:
            cursor.execute(sql)
            return int(cursor.fetchone()[0])

        def forbidden(sql: str) -> None:
            with pytest.raises(pymysql.err.OperationalError, match="denied"):
                cursor.execute(sql)

        holds(select, forbidden)
        forbidden("select * from mysql.user")
    with pytest.raises(ConfigError, match="take another name"):
        grant_reading(mariadb_url, "root", "x")


@pytest.mark.parametrize("name", ["", "a b", "x'; drop table artists; --", "Ä", "x" * 40])
def test_a_name_that_cannot_be(name: str) -> None:
    with pytest.raises(ConfigError, match="cannot be a login"):
        grant_reading("postgresql://127.0.0.1:1/x", name, "x")


def test_sqlite_has_no_logins() -> None:
    with pytest.raises(ConfigError, match="SQLite has no logins"):
        grant_reading("sqlite:x", "analyst", "x")
