"""`tunelake sql`: one SELECT over the tables."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING

import click

import tunelake
from tunelake.cli.show import printing, say
from tunelake.errors import ConfigError

if TYPE_CHECKING:
    import pyarrow as pa

FORMATS = ("table", "csv", "json", "parquet")
MOST_SHOWN = 200


@click.command()
@click.argument("query")
@click.option("--format", "form", type=click.Choice(FORMATS), default="table", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option(
    "--as-of",
    metavar="TIME",
    callback=lambda _context, _option, value: moment(value),
    help="Answer from what was observed by then: a date (its first moment) or a time, UTC unless it says.",
)
def sql(query: str, form: str, as_json: bool, as_of: datetime | None) -> None:
    """Answer one SELECT; each table under its name, its history as <name>_history. Read only.

    For example: tunelake sql "select name, popularity from artists order by 2 desc limit 10"
    """
    rows = tunelake.open().lake.sql(query, as_of).read_all()
    rows = rows.rename_columns(distinct(rows.column_names))
    if form == "parquet" and not as_json and sys.stdout.isatty():
        raise ConfigError("Parquet is not for a terminal: send it to a file, for example > rows.parquet")
    with printing():
        match "json" if as_json else form:
            case "csv":
                _csv(rows)
            case "json":
                _json(rows)
            case "parquet":
                _parquet(rows)
            case _:
                _table(rows)


def moment(text: str | None) -> datetime | None:
    """Read a date or time; one without a zone is in UTC.

    Raises:
        ConfigError: It is neither.
    """
    if text is None:
        return None
    try:
        read = datetime.fromisoformat(text)
    except ValueError as error:
        raise ConfigError(
            f"'{text}' is no time; write for example 2026-05-01 or 2026-05-01T12:30:00+09:00"
        ) from error
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def distinct(names: list[str]) -> list[str]:
    """Name columns of one name apart ("name", "name_1"), so that no format loses one."""
    told: list[str] = []
    for name in names:
        tries = (name if not number else f"{name}_{number}" for number in count())
        told.append(next(each for each in tries if each not in told and (each == name or each not in names)))
    return told


def _csv(rows: pa.Table) -> None:
    import csv

    writer = csv.writer(sys.stdout)
    writer.writerow(rows.column_names)
    for batch in rows.to_batches(max_chunksize=10_000):
        writer.writerows(zip(*(column.to_pylist() for column in batch.columns), strict=True))


def _json(rows: pa.Table) -> None:
    import msgspec

    click.echo(msgspec.json.encode(rows.to_pylist()).decode())


def _parquet(rows: pa.Table) -> None:
    import pyarrow.parquet as pq

    pq.write_table(rows, sys.stdout.buffer)


def _table(rows: pa.Table) -> None:
    from tunelake.cli.show import records

    shown = rows.slice(0, MOST_SHOWN).to_pylist()
    records(
        rows.column_names, [["" if value is None else str(value) for value in row.values()] for row in shown]
    )
    if not rows.num_rows:
        say("no rows")
    if rows.num_rows > MOST_SHOWN:
        say(f"{MOST_SHOWN} of {rows.num_rows:,} rows; the rest with --format csv, json or parquet")
