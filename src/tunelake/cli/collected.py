"""Tells what came of a collection."""

from __future__ import annotations

from collections.abc import Iterator

import click
import msgspec

from tunelake.cli.show import emit, plain, say, table
from tunelake.collect.ports import Want
from tunelake.collect.report import RunReport
from tunelake.domain.states import State
from tunelake.lake.lander import LandReport

LONGEST_SHOWN = 60
"""Characters of a name that are printed."""
_STORED = {State.FETCHED, State.UNCHANGED}
SHOWN = 20
"""Lines of a long list that are printed; the rest is in the ledger, and in --json."""


def finish(report: RunReport, landed: LandReport, *, as_json: bool) -> int:
    """Tell what came of a collection; gives the exit code."""
    code = report.exit_code or (1 if landed.rejected or landed.damages else 0)
    document = msgspec.to_builtins(report) | {"landed": msgspec.to_builtins(landed), "exit_code": code}
    emit(document, as_json=as_json, human=lambda: _show(report, landed))
    return code


def _show(report: RunReport, landed: LandReport) -> None:
    states = ", ".join(f"{count} {state}" for state, count in sorted(report.by_state.items()))
    click.echo(f"asked {report.asked}: {states}" if states else "nobody was asked for")
    if report.calls_by_endpoint:
        table(["calls", "endpoint"], [[str(n), name] for name, n in sorted(report.calls_by_endpoint.items())])
    if landed.rows:
        table(["new rows", "table"], [[f"{n:,}", name] for name, n in sorted(landed.rows.items())])
    else:
        click.echo("nothing new: no table changed")
    _listed(
        [
            line
            for want in report.wants
            if not want.artist_id and want.state not in _STORED
            for line in _unmet(want)
        ]
    )
    _listed([f"not allowed for this application: {name}, {why}" for name, why in report.forbidden.items()])
    _listed(report.notes)
    if report.gaps:
        count = len(report.gaps)
        click.echo(f"{count} gap{'' if count == 1 else 's'}, still owed:")
        _listed([f"{gap.what}: {gap.state}, {gap.reason}" for gap in report.gaps])
    if landed.rejected:
        click.echo(f"{landed.rejected} rows or fields could not be taken: see table quarantine")
    if landed.dropped:
        click.echo(f"{landed.dropped} answers came without what was erased here: `tunelake purge --list`")
    _listed([f"drift: {told}" for told in _drift(landed)])
    _listed(landed.damages)
    if report.parked_until:
        click.echo(
            f"parked by the source until {report.parked_until:%Y-%m-%d %H:%M:%S} UTC; then run it again"
        )
    retries = ", ".join(f"{count} {kind}" for kind, count in report.retries.items())
    say(f"{report.calls} calls in {report.seconds:.1f} s" + (f"; repeated: {retries}" if retries else ""))


def _unmet(want: Want) -> Iterator[str]:
    """What became of a name that is nobody's yet; of several candidates, how to choose."""
    yield f"{_short(want.asked)!r}: {want.state}, {want.reason}"
    if want.candidates:
        yield "  choose one by --id:"
    for one in want.candidates:
        told = [one.about, "" if one.popularity is None else f"popularity {one.popularity}"]
        facts = "; ".join(filter(None, told)) or "the source tells nothing else"
        yield f"  {one.artist_id}  {plain(one.name)} ({facts}), {one.score:.0%} alike"


def _short(asked: str) -> str:
    return asked if len(asked) <= LONGEST_SHOWN else asked[: LONGEST_SHOWN - 1] + "…"


def _drift(landed: LandReport) -> Iterator[str]:
    for one in landed.drift:
        since = f"first seen {one.first_seen_at:%Y-%m-%d %H:%M} UTC"
        yield f"{one.object}.{one.field} {one.kind} ({one.endpoint}): {one.detail}; {since}"


def _listed(lines: list[str]) -> None:
    for line in lines[:SHOWN]:
        click.echo(f"  {line}")
    if len(lines) > SHOWN:
        click.echo(f"  ... and {len(lines) - SHOWN} more: see `tunelake ledger`, or --json")
