"""The upload of one file: read it all, then land it all."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Protocol

from tunelake.collect.ports import Landing
from tunelake.domain.pages import Page
from tunelake.errors import ConfigError, Fatal
from tunelake.lake.upload.check import check_rows, refuse_nothing
from tunelake.lake.upload.csv_rows import CsvRows
from tunelake.lake.upload.fields import Kind
from tunelake.lake.upload.formats import Format, format_of
from tunelake.lake.upload.gzip_file import HEAD_BYTES, open_bytes, reading
from tunelake.lake.upload.json_rows import JsonRows
from tunelake.lake.upload.lines import REJECTED
from tunelake.lake.upload.mapping import kind_named, map_columns
from tunelake.lake.upload.pages import Origin, pages
from tunelake.lake.upload.parquet_rows import ParquetRows
from tunelake.lake.upload.read import read_rows
from tunelake.lake.upload.report import MOST_LISTED, UploadReport
from tunelake.lake.upload.sqlite_spool import Conflict, Spool
from tunelake.lake.upload.typed import Plan
from tunelake.lake.upload.values import NULLS

_SOURCE = re.compile(r"[a-z][a-z0-9_.-]{0,47}")
COLLECTED = frozenset({"spotify", "sandbox"})
_READERS: dict[Format, type[CsvRows | JsonRows | ParquetRows]] = {
    "csv": CsvRows,
    "json": JsonRows,
    "parquet": ParquetRows,
}


class Now(Protocol):
    """The part of a clock an upload needs."""

    def now(self) -> datetime:
        """The time (UTC, aware)."""


def upload(
    path: Path,
    kind: str,
    *,
    landing: Landing,
    clock: Now,
    source: str | None = None,
    rights: str = "owner",
    mapping: Mapping[str, str] | None = None,
    nulls: Collection[str] = NULLS,
    progress: Callable[[int], None] = lambda _: None,
) -> UploadReport:
    """Land a person's file, all of it or nothing.

    Args:
        path: CSV, JSON, JSON lines or Parquet, plain or gzip; told by its content.
        kind: What a row is about, a name in `tunelake.lake.upload.fields.KINDS`.
        landing: Where the pages go.
        clock: Tells the time of the upload (UTC, aware).
        source: Name space of the ids; by default "upload", but features need their provider's name.
        rights: Rights tag of the content.
        mapping: The person's columns to our fields, where synonyms do not find them.
        nulls: Texts that mean "no value", besides empty ones.
        progress: Is told the number of rows read, now and then.

    Raises:
        ConfigError: The file, a column or an argument is not usable; nothing was landed.
        Fatal: A disk is full.
    """
    wanted = kind_named(kind)
    name_space = _source(source, wanted)
    with reading(path), Spool() as spool:
        with open_bytes(path) as file:
            form = format_of(file.peek(HEAD_BYTES), str(path))
        file_rows = _READERS[form](path)
        mapped = map_columns(wanted, file_rows.columns, mapping or {})
        plan = Plan(kind=wanted, mapped=mapped, nulls=frozenset(nulls))
        tally = check_rows(file_rows.rows(), plan, spool, progress)
        refuse_nothing(tally, str(path))
        spool.settle()
        origin = Origin(file=path.name, source=name_space, rights=rights, at=clock.now())
        told = _told(spool.keep(pages(spool, plan, origin)))
        landed = _land(spool.kept(), landing)
        conflicts = list(spool.conflicts())
    used = {column for columns in mapped.values() for column in columns}
    return UploadReport(
        file=str(path),
        kind=kind,
        source=name_space,
        rights=rights,
        format=form,
        rows_read=tally.taken + tally.rejected,
        rows_taken=tally.taken,
        rows_rejected=tally.rejected,
        mapping=mapped,
        unused=tuple(column for column in file_rows.columns if column not in used),
        nulls=tally.nulls,
        rejected=tuple(tally.listed),
        conflicts=len(conflicts),
        conflict_rows=tuple(map(_in_words, conflicts[:MOST_LISTED])),
        rows=told,
        pages=landed,
    )


def _source(stated: str | None, kind: Kind) -> str:
    if stated is None:
        if kind.name == "audio-features":
            raise ConfigError(
                "audio features of different providers do not agree and are not mixed: "
                "name the provider, for example --source reccobeats"
            )
        return "upload"
    if stated in COLLECTED:
        raise ConfigError(f"'{stated}' is what Tunelake collects itself; give your file another --source")
    if not _SOURCE.fullmatch(stated):
        raise ConfigError(f"'{stated}' is no name for a source: use small letters, digits, '-', '_' and '.'")
    return stated


def _told(made: Iterable[Page]) -> dict[str, int]:
    """Read the pages as the lander will, before any of them is landed, and count their rows by table."""
    counts: Counter[str] = Counter()
    for page in made:
        rows = read_rows(page)
        if rows.rejected and page.endpoint != REJECTED:
            first = rows.rejected[0]
            raise Fatal(
                f"{first.where} was taken and cannot be read back: {first.reason}; nothing was landed"
            )
        counts.update({table: len(next(iter(columns.values()))) for table, columns in rows.tables.items()})
    return dict(sorted(counts.items()))


def _land(made: Iterable[Page], landing: Landing) -> int:
    count = 0
    for count, page in enumerate(made, start=1):  # noqa: B007  # the last count is the answer
        landing.append(page)
    return count


def _in_words(conflict: Conflict) -> str:
    return (
        f"row {conflict.row} says something else about {conflict.key} ({conflict.table}) "
        f"than row {conflict.believed}, which is believed"
    )
