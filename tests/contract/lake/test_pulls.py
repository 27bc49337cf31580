"""A table of any database comes into the lake as it is there, and after that only its news do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tunelake.errors import ConfigError
from tunelake.lake.lake import Lake
from tunelake.lake.pull.run import PullReport, pull

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ADDRESSES = ("sqlite", "postgres_url", "mariadb_url")

DATA = sa.MetaData()
PLAYS = sa.Table(
    "plays",
    DATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("title", sa.Unicode(200)),
    sa.Column("price", sa.Numeric(10, 2)),
    sa.Column("loud", sa.Float),
    sa.Column("live", sa.Boolean),
    sa.Column("day", sa.Date),
    sa.Column("changed", sa.DateTime),
    mysql_charset="utf8mb4",
)


def row(number: int, title: str | None, changed: int) -> dict[str, Any]:
    return {
        "id": number,
        "title": title,
        "price": Decimal("12.30"),
        "loud": -7.5,
        "live": number % 2 == 0,
        "day": date(2026, 2, 1),
        "changed": datetime(2026, 2, 1) + timedelta(seconds=changed),  # noqa: DTZ001  as databases keep them
    }


class Database:
    """A database that a test fills."""

    def __init__(self, address: str) -> None:
        self.address = address
        url = address.replace("postgresql:", "postgresql+psycopg:").replace("mysql:", "mysql+pymysql:")
        self._engine = sa.create_engine(url.replace("mariadb:", "mariadb+pymysql:"))
        DATA.create_all(self._engine)

    def add(self, *rows: dict[str, Any]) -> None:
        with self._engine.begin() as connection:
            connection.execute(sa.insert(PLAYS), list(rows))

    def run(self, statement: sa.Executable) -> None:
        with self._engine.begin() as connection:
            connection.execute(statement)

    def close(self) -> None:
        self._engine.dispose()


@pytest.fixture(params=ADDRESSES)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    own = request.param == "sqlite"
    found = Database(f"sqlite:///{tmp_path / 'own.db'}" if own else request.getfixturevalue(request.param))
    yield found
    found.close()


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "home")


def pulled(lake: Lake, database: Database, minute: int = 0, **options: Any) -> PullReport:
    return pull(
        lake.home, database.address, "plays", into="plays", now=NOW + timedelta(minutes=minute), **options
    )


def titles(lake: Lake, table: str = "plays") -> list[tuple[int, str | None]]:
    found = lake.sql(f"SELECT id, title FROM {table} ORDER BY ALL").read_all()  # noqa: S608
    return [(one["id"], one["title"]) for one in found.to_pylist()]


def test_every_value_arrives_as_it_is(lake: Lake, database: Database) -> None:
    odd = "Ænima 'quoted' \"too\" 🎵 " + "x" * 100
    database.add(row(1, odd, 0), row(2, None, 1))
    report = pulled(lake, database)
    assert (report.read, report.new) == (2, 2)
    first = lake.sql("SELECT * FROM plays ORDER BY id").read_all().to_pylist()[0]
    assert first == row(1, odd, 0) | {"changed": datetime(2026, 2, 1, tzinfo=UTC)}


def test_only_news_are_pulled_and_a_changed_row_takes_the_place_of_the_older(
    lake: Lake, database: Database
) -> None:
    database.add(row(1, "one", 0), row(2, "two", 5))
    pulled(lake, database, by="changed")
    database.add(row(3, "three", 5))  # of the same second as the newest that is known
    database.run(sa.update(PLAYS).where(PLAYS.c.id == 1).values(row(1, "uno", 9)))
    report = pulled(lake, database, 1, by="changed")
    assert (report.read, report.new) == (3, 2)
    assert titles(lake) == [(1, "uno"), (2, "two"), (3, "three")]
    assert titles(lake, "plays_history") == [(1, "one"), (1, "uno"), (2, "two"), (3, "three")]
    again = pulled(lake, database, 2, by="changed")
    assert again.new == 0
    assert len(titles(lake, "plays_history")) == 4


def test_without_a_growing_column_the_table_is_replaced(lake: Lake, database: Database) -> None:
    database.add(row(1, "one", 0), row(2, "two", 1))
    pulled(lake, database)
    database.run(sa.delete(PLAYS).where(PLAYS.c.id == 1))
    pulled(lake, database, 1)
    assert titles(lake) == [(2, "two")]


def test_an_empty_table_has_its_columns(lake: Lake, database: Database) -> None:
    assert pulled(lake, database, by="changed").new == 0
    assert titles(lake) == []
    database.add(row(1, "one", 0))
    assert pulled(lake, database, 1, by="changed").new == 1
    assert titles(lake) == [(1, "one")]


def test_what_is_not_there_is_told(lake: Lake, database: Database) -> None:
    with pytest.raises(ConfigError, match="there is no table 'play'; there is plays"):
        pull(lake.home, database.address, "play", into="plays", now=NOW)
    with pytest.raises(ConfigError, match="'plays' has no column 'change'; it has id, title"):
        pulled(lake, database, by="change")
    with pytest.raises(ConfigError, match="the lake has a table 'artists' of its own"):
        pull(lake.home, database.address, "plays", into="artists", now=NOW)


def test_a_password_is_never_told(lake: Lake, database: Database) -> None:
    if "@" not in database.address:
        wrong = "sqlite:////no/such/folder/own.db"
    else:
        head, _, tail = database.address.rpartition("@")
        wrong = f"{head.rpartition(':')[0]}:geheim@{tail}"
    with pytest.raises(ConfigError) as caught:
        pull(lake.home, wrong, "plays", into="plays", now=NOW)
    assert "geheim" not in str(caught.value)
    assert "cannot read" in str(caught.value)
