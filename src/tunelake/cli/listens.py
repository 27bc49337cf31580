"""`tunelake collect listens`: what the logged-in user played lately."""

from __future__ import annotations

import click
import msgspec

import tunelake
from tunelake.cli.show import emit, json_option
from tunelake.collect.login.files import LoginFiles
from tunelake.collect.login.poll import PollReport
from tunelake.lake.lander import LandReport
from tunelake.work.listens import collect_listens


@click.command()
@json_option
def listens(as_json: bool) -> int:
    """Collect what the logged-in user played lately; one call. Run it at least every 50 plays."""
    from tunelake.collect.ledger.sql_ledger import SqlLedger

    product = tunelake.open(kind="data")
    ledger = SqlLedger(product.lake.home.control, product.settings.spotify_api_url)
    try:
        files = LoginFiles(product.lake.home.root)
        report = collect_listens(product.lake, product.settings, files, product.clock, ledger)
    finally:
        ledger.close()
    landed = product.land()
    document = msgspec.to_builtins(report) | {"landed": msgspec.to_builtins(landed)}
    emit(document, as_json=as_json, human=lambda: _show(report, landed))
    return 1 if report.gap else 0


def _show(report: PollReport, landed: LandReport) -> None:
    new = landed.rows.get("listens", 0)
    click.echo(f"{report.user_id}: {report.plays} plays told, {new} new ({report.calls} calls)")
    if report.gap:
        click.echo(
            f"plays are missing between {report.gap.after:%Y-%m-%d %H:%M:%S} and "
            f"{report.gap.before:%Y-%m-%d %H:%M:%S} UTC: more were played than the source tells. "
            "The extended streaming history has them; `tunelake upload` fills the gap."
        )
