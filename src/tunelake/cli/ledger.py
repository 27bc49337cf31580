"""`tunelake ledger`: what was asked for and what became of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import islice

import click
import msgspec

import tunelake
from tunelake.bootstrap.tunelake import Tunelake
from tunelake.cli.show import emit, json_option, plain, progress, table
from tunelake.collect.control import client_of
from tunelake.collect.entities import Entity
from tunelake.collect.ledger.ledger_view import Source
from tunelake.collect.ports import Want
from tunelake.domain.fields import Drift
from tunelake.domain.states import State
from tunelake.errors import ConfigError

KINDS = ("artist", "playlist", "track", "listens")
TIME = "%Y-%m-%d %H:%M:%S"
SHOWN = 200
"""Lines of a long list that are printed; all of it is in --json."""


@click.command()
@click.option("--gaps", is_flag=True, help="Only what is still owed.")
@click.option("--why", metavar="ID", help="All about one id or name: when, by which request, on which page.")
@click.option("--drift", is_flag=True, help="Fields gone, renamed, of another type or new, since when.")
@click.option("--rebuild", is_flag=True, help="Make the control database anew from the kept answers.")
@click.option(
    "--source",
    type=click.Choice(["spotify", "musicbrainz", "listenbrainz"]),
    default="spotify",
    show_default=True,
    help="Whose ledger.",
)
@json_option
def ledger(gaps: bool, why: str | None, drift: bool, rebuild: bool, source: str, as_json: bool) -> int:
    """Show the state of everything that was asked for, with the reason.

    Exits with 1 when something is still owed.
    """
    lake = tunelake.open()
    if rebuild:
        return _rebuild(lake, as_json=as_json)
    if drift:
        return _drift(lake, source, as_json=as_json)
    if why is not None:
        return _why(lake, why.strip(), source, as_json=as_json)
    most = None if as_json else SHOWN
    with lake.ledger(source) as known:
        counted, things = known.want_states(), known.states()
        wanted = (want for kind in KINDS for want in known.wants(kind) if not gaps or want.state.is_gap)
        chosen, owed, rest = list(islice(wanted, most)), *_some(known.owed(), most)
    document = {
        "states": counted,
        "entities": things,
        "wants": msgspec.to_builtins(chosen),
        "gaps": [msgspec.to_builtins(one) | {"owed": one.owed} for one in owed],
    }
    open_ = sum(count for state, count in counted.items() if State(state).is_gap)
    rest += (open_ if gaps else sum(counted.values())) - len(chosen)
    emit(document, as_json=as_json, human=lambda: _show(counted, chosen, things, owed, rest))
    return 1 if owed or open_ else 0


def _some(things: Iterator[Entity], most: int | None) -> tuple[list[Entity], int]:
    """The first things, and how many more there are."""
    return list(islice(things, most)), sum(1 for _ in things)


def _show(
    counted: dict[str, int],
    chosen: list[Want],
    things: dict[str, dict[str, int]],
    owed: list[Entity],
    rest: int,
) -> None:
    click.echo(_states(counted) or "nothing was asked for")
    for kind, of_kind in things.items():
        click.echo(f"  {kind}: {_states(of_kind)}")
    rows = [
        [want.asked[:60], want.state.value, want.name or "", want.method or want.reason] for want in chosen
    ]
    if rows:
        table(["asked", "state", "found", "how or why"], rows)
    if owed:
        table(["owed of", "id", "why"], [[one.kind, one.id, one.owed] for one in owed])
    if rest:
        click.echo(f"... and {rest:,} more: see --json")


def _states(states: dict[str, int]) -> str:
    return ", ".join(f"{count:,} {state}" for state, count in Counter(states).most_common())


def _why(lake: Tunelake, what: str, source: str, *, as_json: bool) -> int:
    if not what:
        raise ConfigError("--why needs an id, or a name as it was asked for")
    with lake.ledger(source) as known:
        wants = known.wants_of(what)
        ids = list(dict.fromkeys([what, *(want.artist_id for want in wants if want.artist_id)]))
        entities, sources = known.about(ids), known.answers_about(ids)
    document = {
        "wants": msgspec.to_builtins(wants),
        "entities": msgspec.to_builtins(entities),
        "answers": msgspec.to_builtins(sources),
    }
    emit(document, as_json=as_json, human=lambda: _tell(what, wants, entities, sources))
    return 1 if any(one.owed for one in entities) or any(want.state.is_gap for want in wants) else 0


def _tell(what: str, wants: list[Want], entities: list[Entity], sources: list[Source]) -> None:
    if not wants and not entities and not sources:
        click.echo(f"nothing is known of {what!r}: it was never asked for")
    for want in wants:
        found = f" -> {plain(want.name or '')} ({want.artist_id}), {want.method}" if want.artist_id else ""
        click.echo(f"asked for {want.asked!r}: {want.state}{found}{_reason(want.reason)}")
        for one in want.candidates:
            click.echo(f"  or {plain(one.name)} ({one.artist_id}), score {one.score:g}")
    for entity in entities:
        length = "" if entity.total is None else f", {entity.seen} of {entity.total} items"
        click.echo(
            f"{entity.kind} {entity.id}: {entity.state}{length}{_reason(entity.owed or entity.reason)}"
        )
        if entity.checked_at:
            click.echo(
                f"  first {entity.first_at:{TIME}}, last {entity.checked_at:{TIME}} UTC; "
                f"looked at {entity.checks} times, changed {entity.changes} times"
            )
        if entity.request:
            click.echo(f"  by GET {entity.request}" + (f", page {entity.page_id}" if entity.page_id else ""))
    rows = [
        [f"{one.at:%Y-%m-%d %H:%M:%S}", one.path, one.state, str(one.status), one.page_id] for one in sources
    ]
    if rows:
        table(["answered (UTC)", "request", "state", "status", "page"], rows[:SHOWN])


def _reason(reason: str) -> str:
    return f": {reason}" if reason else ""


def _drift(lake: Tunelake, source: str, *, as_json: bool) -> int:
    with lake.ledger(source) as known:
        found = known.drift(client_of(source, lake.settings))
    emit({"drift": msgspec.to_builtins(found)}, as_json=as_json, human=lambda: _show_drift(found))
    return 0


def _show_drift(found: list[Drift]) -> None:
    if not found:
        click.echo("all fields are as expected")
        return
    for one in found:
        click.echo(f"{one.object}.{one.field} {one.kind} ({one.endpoint}): {one.detail}")
        click.echo(f"  first seen {one.first_seen_at:{TIME}}, last {one.last_seen_at:{TIME}} UTC")


def _rebuild(lake: Tunelake, *, as_json: bool) -> int:
    with progress("") as update:
        pages, aside = lake.rebuild_ledger(update)
    document = {"pages": pages, "kept": str(aside) if aside else None}
    kept = f"; what was there is kept as {aside.name}" if aside else ""
    emit(
        document,
        as_json=as_json,
        human=lambda: click.echo(f"made anew from {pages:,} pages that landed{kept}"),
    )
    return 0
