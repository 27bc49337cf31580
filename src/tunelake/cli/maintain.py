"""`tunelake maintain`: compaction, vacuum, checkpoints and expiry."""

from __future__ import annotations

from datetime import timedelta

import click
import msgspec

import tunelake
from tunelake.cli.show import emit, json_option, progress
from tunelake.cli.show import table as show_table
from tunelake.lake.maintenance.run import TableUpkeep, upkeep


@click.command()
@click.option("--table", "tables", multiple=True, metavar="NAME", help="Only this table; may be given again.")
@click.option(
    "--check", is_flag=True, help="Tell what is due and change nothing; exits with 1 when something is."
)
@click.option(
    "--keep-days",
    type=click.FloatRange(min=0),
    default=7.0,
    show_default=True,
    help="How long replaced files stay for readers that are not Tunelake's own, such as Spark.",
)
@json_option
def maintain(tables: tuple[str, ...], check: bool, keep_days: float, as_json: bool) -> int:
    """Make few sorted files of many, and remove what nobody can read any more.

    Landings, builds and queries may run beside it.
    """
    with progress("maintain") as update:
        home = tunelake.open().lake.home
        found = upkeep(home, tables, keep=timedelta(days=keep_days), check=check, progress=update)
    due = [one.table for one in found if one.need != "nothing"]
    document = {"tables": msgspec.to_builtins(found), "due": due if check else []}
    emit(document, as_json=as_json, human=lambda: _show(found, check=check))
    return 1 if check and due else 0


def _show(found: list[TableUpkeep], *, check: bool) -> None:
    if check:
        rows = [
            [one.table, one.need, str(one.files[0]), _mb(one.bytes[0]), _mb(one.disk[0])] for one in found
        ]
        show_table(["table", "needs", "files", "MB", "MB with old files"], rows)
        return
    rows = [
        [
            one.table,
            one.need if one.done else "next time",
            "{} > {}".format(*one.files),
            " > ".join(map(_mb, one.bytes)),
            " > ".join(map(_mb, one.disk)),
            str(one.removed),
            f"{one.seconds:.1f}",
        ]
        for one in found
    ]
    show_table(["table", "needed", "files", "MB", "MB with old files", "removed", "seconds"], rows)


def _mb(size: int) -> str:
    return f"{size / 1e6:.1f}"
