"""Takes a lake from one place to another: copy, compare, and one write by which the home goes over.

Until that write the home works where it was; whatever ends the run before, it is done again and goes on.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from shutil import rmtree

import msgspec

from tunelake.errors import ConfigError, Fatal, Retryable
from tunelake.lake.home import MOVED, OLD, Home, old_copies, read_note, write_note, written
from tunelake.lake.landing.landing_files import LandingFiles
from tunelake.lake.landing.landings import RAW
from tunelake.lake.landing.s3_landing import S3Landing
from tunelake.lake.locks.exclusive import exclusive
from tunelake.lake.move.copy import Copied, copy
from tunelake.lake.move.duckdb_compare import PARTS, Answers, Content, answers, contents, unlike, versions
from tunelake.lake.rows.batch import RAW_PAGES
from tunelake.lake.tables.delta_tables import DeltaTables

Progress = Callable[[str, int, int | None], None]
MOVING, NOTE = "moving.json", "home.json"
_PARTS = (RAW, *PARTS)


class MoveReport(msgspec.Struct, frozen=True, kw_only=True):
    """What a move did.

    Attributes:
        source: Where the lake was.
        target: Where it is.
        tables: What was found equal in both, by table.
        answers: The same of the kept answers.
        copied: What was copied, by this run and by those it went on with.
        seconds: How long it took.
    """

    source: str
    target: str
    tables: dict[str, Content]
    answers: Answers
    copied: Copied
    seconds: float


def move(source: Home, target: Home, progress: Progress) -> MoveReport:
    """Take the lake of a home to another place; all of it has been landed.

    The copy at the source stays as it is.

    Args:
        source: The home as it is.
        target: The same home with its lake elsewhere.
        progress: Told of each stage.

    Raises:
        ConfigError: At the target is something else.
        Retryable: A server does not answer, or somebody changed the lake meanwhile: run again.
        Fatal: A file cannot be read or written, or the two are not equal.
    """
    start = time.monotonic()
    copied, landing = Copied(), _log(source)
    with exclusive(source, "lander"), exclusive(source, "own"):
        end, until = landing.end(), DeltaTables(source.tables).position(RAW_PAGES)
        if any(landing.pages(until)):
            raise Retryable("answers came in just now; run again when no job runs")
        _claim(source, target)
        _copy(source, target, copied, progress)
        tables = contents(source, lambda done: progress("tables", done, None))
        there = contents(target, lambda done: progress("tables there", done, len(tables)))
        _equal("tables", unlike(tables, there))
        kept = _answers(source, target, until, progress)
        with landing.held() as now:
            if now != end or versions(source) != {name: one.version for name, one in tables.items()}:
                raise Retryable("the lake changed while it was copied; run again when no job runs")
            _go_over(source, target)
    return MoveReport(
        source=place(source),
        target=place(target),
        tables=tables,
        answers=kept,
        copied=copied,
        seconds=time.monotonic() - start,
    )


def place(home: Home) -> str:
    """Say where the lake of a home is."""
    return home.far.uri if home.far else str(home.root)


def remove(lake: Home) -> None:
    """Remove a lake that is no longer used: all below its prefix, or what is in the folder of the home."""
    if lake.far is not None:
        lake.far.clear()
        return
    for part in OLD:
        lake.at(part).clear()


def _claim(source: Home, target: Home) -> None:
    """Make sure that the target is empty, or holds what an earlier try of this move left there."""
    mine = msgspec.json.encode({"source": place(source)})
    root = target.at("raw")
    if any(file.name == MOVING and root.read(MOVING) == mine for file in root.files()):
        return
    if target.far is None:
        if old := old_copies(source):
            raise ConfigError(
                f"{target.root} still holds the lake as it was before it was moved ({', '.join(old)}): "
                f"`tunelake move --lake {place(source)} --remove` removes that"
            )
    elif (other := next(iter(target.far.files()), None)) is not None:
        raise ConfigError(
            f"{target.far.uri} is not empty: it holds {other.name!r}, which stays; name a new prefix"
        )
    root.write(MOVING, mine)


def _copy(source: Home, target: Home, copied: Copied, progress: Progress) -> None:
    total = sum(1 for part in _PARTS for _ in source.at(part).files())
    for part in _PARTS:
        copy(source.at(part), target.at(part), copied, lambda done: progress("files", done, total))


def _answers(source: Home, target: Home, until: int, progress: Progress) -> Answers:
    kept = answers(_log(source), until, lambda done: progress("answers", done, None))
    there = answers(_log(target), until, lambda done: progress("answers there", done, kept.pages))
    _equal("kept answers", [] if kept == there else [f"{kept.pages:,} and {there.pages:,}"])
    return kept


def _log(home: Home) -> LandingFiles:
    home.landing.mkdir(parents=True, exist_ok=True)
    return S3Landing(home, home.far / RAW) if home.far else LandingFiles(home)


def _equal(what: str, differing: list[str]) -> None:
    if differing:
        raise Fatal(
            f"the {what} are not the same in both places ({', '.join(differing[:5])}); the home works as "
            "before. Remove what is at the new place, and run again"
        )


def _go_over(source: Home, target: Home) -> None:
    """Make the target the lake of the home: one write of its note.

    The folder of the landing log goes aside: a process that was opened before can append nothing to it.
    """
    note = read_note(source.root)
    if note is None:
        raise Fatal(f"{source.root} is no home any more")
    if target.far is not None:
        target.far.write(NOTE, written(msgspec.structs.replace(note, lake="")))
    write_note(source.root, msgspec.structs.replace(note, lake=target.far.uri if target.far else ""))
    if source.far is None:
        source.landing.rename(source.landing.with_name(MOVED))
    else:
        rmtree(source.landing, ignore_errors=True)
    target.at("raw").remove(MOVING)
