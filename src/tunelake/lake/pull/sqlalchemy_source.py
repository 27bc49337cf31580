"""Reads a table of a person's database by SQLAlchemy, piece by piece."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import msgspec
import pyarrow as pa
import sqlalchemy as sa

from tunelake.errors import ConfigError, Retryable, how_to_install
from tunelake.lake.pull.sqlalchemy_types import arrow_type, converter

_PIECE = 10_000
# Drivers that this product brings as extras, for addresses that name none.
_DRIVERS = {
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mariadb+pymysql",
}
_EXTRAS = {"psycopg": "postgres", "pymysql": "mysql"}


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """A table that can be read.

    Attributes:
        table: The table with its columns.
        schema: What its rows become, in Arrow.
        key: Columns of its primary key; none where it has none.
    """

    table: Any
    schema: pa.Schema
    key: tuple[str, ...]


@contextmanager
def connected(address: str) -> Iterator[sa.Connection]:
    """Connect to a database, to read only.

    Raises:
        ConfigError: It is no address, its driver is not installed, or the database refuses.
        Retryable: The connection was lost.
    """
    url = _url(address)
    shown = url.render_as_string(hide_password=True)
    try:
        engine = sa.create_engine(url)
    except (ModuleNotFoundError, sa.exc.NoSuchModuleError) as error:
        extra = _EXTRAS.get(str(getattr(error, "name", "")))
        remedy = how_to_install(extra) if extra else "use postgresql, mysql or sqlite"
        raise ConfigError(f"no driver for {shown}: {remedy}") from error
    try:
        with _told(shown), engine.connect() as connection:
            yield connection.execution_options(stream_results=True)
    finally:
        engine.dispose()


@contextmanager
def _told(shown: str) -> Iterator[None]:
    """Tell errors of the library in our words."""
    try:
        yield
    except sa.exc.DBAPIError as error:
        if error.connection_invalidated:
            raise Retryable(f"the connection to {shown} was lost; run again") from error
        raise ConfigError(f"cannot read {shown}: {_first_line(error)}") from error
    except sa.exc.SQLAlchemyError as error:
        raise ConfigError(f"cannot read {shown}: {_first_line(error)}") from error


def _url(address: str) -> sa.URL:
    try:
        url = sa.make_url(address)
    except sa.exc.ArgumentError as error:
        raise ConfigError(
            "the address of the database cannot be understood; for example postgresql://user@host/name "
            "or sqlite:///music.db"
        ) from error
    return url.set(drivername=_DRIVERS.get(url.drivername, url.drivername))


def _first_line(error: sa.exc.SQLAlchemyError) -> str:
    """Return what the driver says, without the statement and the links of the library."""
    cause = getattr(error, "orig", None) or error
    return str(cause).strip().splitlines()[0]


def find(connection: sa.Connection, name: str) -> Source:
    """Look up a table or view, "schema.table" or "table".

    Raises:
        ConfigError: There is none of that name; the message lists those that are near.
    """
    schema, _, table = name.rpartition(".")
    try:
        found = sa.Table(table, sa.MetaData(), schema=schema or None, autoload_with=connection)
    except sa.exc.NoSuchTableError as error:
        inspector = sa.inspect(connection)
        there = [*inspector.get_table_names(schema or None), *inspector.get_view_names(schema or None)]
        near = difflib.get_close_matches(table, there, n=5) or sorted(there)[:10]
        raise ConfigError(f"there is no table '{name}'; there is {', '.join(near) or 'none'}") from error
    fields = [pa.field(str(column.name), arrow_type(column)) for column in found.columns]
    key = tuple(str(column.name) for column in found.primary_key)
    return Source(table=found, schema=pa.schema(fields), key=key)


def rows(
    connection: sa.Connection, source: Source, by: str | None, since: object
) -> Iterator[pa.RecordBatch]:
    """Read the rows of a table, those first that come first by a column.

    Args:
        connection: Where it is.
        source: The table.
        by: A column that grows; None reads in the order of the key.
        since: Only rows whose `by` is not less; None reads all.

    Raises:
        ConfigError: A value is not of its column's type (SQLite allows that).
    """
    table = source.table
    order = [table.c[name] for name in ([by] if by else []) + list(source.key)]
    query = sa.select(table).order_by(*order)
    if by and since is not None:
        query = query.where(_not_before(connection, table.c[by], since))
    with _told(connection.engine.url.render_as_string(hide_password=True)):
        for piece in connection.execute(query).partitions(_PIECE):
            columns = list(zip(*piece, strict=True))
            arrays = [_array(field, values) for field, values in zip(source.schema, columns, strict=True)]
            yield pa.RecordBatch.from_arrays(arrays, schema=source.schema)


def _not_before(connection: sa.Connection, column: sa.Column[Any], since: Any) -> sa.ColumnElement[bool]:  # noqa: ANN401
    if not isinstance(since, datetime):
        return sa.and_(column >= since)
    moment = since.astimezone(UTC).replace(tzinfo=None)
    if connection.dialect.name == "sqlite":
        # Its times are text in a form nobody guarantees; the shortest form of a time is the least text.
        return sa.and_(sa.cast(column, sa.String) >= moment.isoformat(sep=" "))
    return sa.and_(column >= (since if getattr(column.type, "timezone", False) else moment))


def _array(field: pa.Field, values: Sequence[Any]) -> pa.Array:
    convert = converter(field.type)
    try:
        return pa.array(list(map(convert, values)), field.type)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError) as error:
        bad = next(value for value in values if not _fits(convert(value), field.type))
        raise ConfigError(
            f"column '{field.name}' holds {bad!r}, which is no {field.type}: mend it there, "
            "or pull a view that casts it"
        ) from error


def _fits(value: object, kind: pa.DataType) -> bool:
    try:
        pa.array([value], kind)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
        return False
    return True
