"""`tunelake upload`: a person's own file into the lake."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import msgspec

import tunelake
from tunelake.bootstrap.observed import watching_job
from tunelake.cli.show import emit, json_option, plural, progress, table
from tunelake.cli.tracks import collected
from tunelake.cli.upload_history import left_out, show_history
from tunelake.collect.login.files import LoginFiles
from tunelake.errors import ConfigError
from tunelake.lake.lander import LandReport
from tunelake.lake.upload.fields import KINDS
from tunelake.lake.upload.history.run import is_history
from tunelake.lake.upload.report import UploadReport
from tunelake.work.listens import upload_listens

SHOWN = 20
LISTENS = "listens"


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--as",
    "kind",
    help=f"What a row is about: {', '.join(KINDS)}; an export of listens is found out.",
)
@click.option("--source", help="Name of where the ids come from; default: upload, for listens spotify.")
@click.option("--rights", default="owner", show_default=True, help="Rights tag of the content.")
@click.option(
    "--map", "stated", multiple=True, help="THEIRS=OURS: a column the names do not tell; repeatable."
)
@click.option(
    "--null",
    "nulls",
    multiple=True,
    help="A text that means 'no value', in place of the usual ones; repeatable.",
)
@click.option("--user", help="Listens: whose they are; default: who the export names, or is logged in.")
@click.option("--keep-private", is_flag=True, help="Listens: keep IP addresses and devices in the raw pages.")
@click.option("--enrich", is_flag=True, help="Listens: then collect the tracks they name, within the limits.")
@json_option
def upload(
    file: Path,
    kind: str | None,
    source: str | None,
    rights: str,
    stated: tuple[str, ...],
    nulls: tuple[str, ...],
    as_json: bool,
    **private: Any,  # noqa: ANN401  click's options of listens alone
) -> int:
    """Take a CSV, JSON, JSON lines or Parquet file, plain or gzip; or the ZIP of a listening history.

    Every row is taken, or listed with the reason; the file goes in whole or not at all.
    """
    if kind == LISTENS or (kind is None and is_history(file)):
        return _upload_listens(file, source, rights, as_json=as_json, **private)
    if any(private.values()):
        raise ConfigError("--user, --keep-private and --enrich are for an export of a listening history")
    if kind is None:
        raise ConfigError(f"{file} is no export of a listening history: say --as {'|'.join(KINDS)}")
    lake = tunelake.open(kind="data")
    with progress("") as update:
        report = lake.upload(
            file, kind, source=source, rights=rights, mapping=_mapping(stated), nulls=nulls, progress=update
        )
    landed = lake.land()
    document = msgspec.to_builtins(report) | {"landed": msgspec.to_builtins(landed)}
    emit(document, as_json=as_json, human=lambda: _show(report, landed))
    return 1 if report.rows_rejected else 0


def _upload_listens(
    file: Path,
    source: str | None,
    rights: str,
    *,
    user: str | None,
    keep_private: bool,
    enrich: bool,
    as_json: bool,
) -> int:
    product = tunelake.open(kind="data")
    login = LoginFiles(product.lake.home.root).read()
    source = source or (login.source if login else "spotify")
    with progress("") as update, watching_job(product.lake.home, "upload listens", update) as watch:
        report = upload_listens(
            product.lake,
            file,
            product.clock,
            user=user,
            default_user=login.user_id if login else "me",
            source=source,
            rights=rights,
            keep_private=keep_private,
            progress=lambda rows: watch("plays", rows, None),
        )
    landed = product.land()
    document = msgspec.to_builtins(report) | {"landed": msgspec.to_builtins(landed)}
    if not enrich:
        emit(document, as_json=as_json, human=lambda: show_history(report, landed))
        return 1 if report.rows_rejected else 0
    if not as_json:
        # What was taken is told before anything that can fail.
        emit(document, as_json=False, human=lambda: show_history(report, landed))
    enriched, code = collected(product, played_at=source)
    emit(document | {"enriched": enriched.document}, as_json=as_json, human=enriched.show)
    return code or (1 if report.rows_rejected else 0)


def _mapping(stated: tuple[str, ...]) -> dict[str, str]:
    pairs = [text.rpartition("=") for text in stated]
    for text, (theirs, _, ours) in zip(stated, pairs, strict=True):
        if not theirs or not ours:
            raise ConfigError(f"--map {text!r} is not THEIRS=OURS, for example --map 'Song title=name'")
    return {theirs: ours for theirs, _, ours in pairs}


def _show(report: UploadReport, landed: LandReport) -> None:
    read = plural(report.rows_read, "row")
    click.echo(f"{report.file}: {read} read, {report.rows_taken:,} taken, {report.rows_rejected:,} not taken")
    rows = [[f"{n:,}", f"{landed.rows.get(name, 0):,}", name] for name, n in sorted(report.rows.items())]
    table(["told", "new", "table"], rows)
    for row in report.rejected[:SHOWN]:
        where = f"{row.column} {row.value!r}: " if row.column else ""
        click.echo(f"  row {row.row}: {where}{row.reason}")
    if report.rows_rejected > SHOWN:
        click.echo('  the rest: tunelake sql "select * from quarantine"')
    if report.unused:
        click.echo(f"columns that were not used: {', '.join(report.unused)}; say what one is by --map")
    if landed.dropped:
        click.echo(left_out(landed))
    if report.conflicts:
        contradict = "contradicts" if report.conflicts == 1 else "contradict"
        many = f"{plural(report.conflicts, 'row')} {contradict}"
        click.echo(f"{many} an earlier one, which is believed; for example:")
        for words in report.conflict_rows[:3]:
            click.echo(f"  {words}")
