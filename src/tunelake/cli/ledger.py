"""`tunelake ledger`: what was asked for and what became of it."""

from __future__ import annotations

from collections import Counter

import click
import msgspec

import tunelake
from tunelake.cli.show import emit, json_option, table
from tunelake.collect.ports import Want


@click.command()
@click.option("--gaps", is_flag=True, help="Only what is still owed.")
@click.option("--why", help="Only this name or id.")
@json_option
def ledger(gaps: bool, why: str | None, as_json: bool) -> int:
    """Show the state of everything that was asked for, with the reason.

    Exits with 1 when something is still owed.
    """
    wants = tunelake.open().wants()
    chosen = [
        want
        for want in wants
        if (not gaps or want.state.is_gap) and (why is None or why in {want.asked, want.artist_id, want.name})
    ]
    states = Counter(want.state.value for want in wants)
    document = {"states": states, "wants": msgspec.to_builtins(chosen)}
    emit(document, as_json=as_json, human=lambda: _show(states, chosen))
    return 1 if any(want.state.is_gap for want in wants) else 0


def _show(states: Counter[str], wants: list[Want]) -> None:
    click.echo(
        ", ".join(f"{count} {state}" for state, count in states.most_common()) or "nothing was asked for"
    )
    rows = [
        [want.asked[:60], want.state.value, want.name or "", want.method or want.reason] for want in wants
    ]
    if rows:
        table(["asked", "state", "found", "how or why"], rows)
