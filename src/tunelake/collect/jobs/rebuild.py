"""Makes ledgers anew from what landed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from tunelake.collect.control import client_of, servers_of
from tunelake.collect.drift import with_known
from tunelake.collect.jobs.loop import SystemClock, ledgers, voices_of
from tunelake.collect.ports import Landed, LandingLog
from tunelake.collect.recovery.answered_fields import AnsweredFields
from tunelake.collect.recovery.recovery import recover
from tunelake.settings import Settings

if TYPE_CHECKING:
    from tunelake.collect.ledger.sql_ledger import SqlLedger


def rebuild_ledger(
    settings: Settings, log: LandingLog, ledger_path: Path, progress: Callable[[int], None] | None = None
) -> tuple[int, Path | None]:
    """Make the control database anew from the landing log, for all sources; what was there is kept aside.

    A database that machines share stays as it is, and is told what landed here and it does not know. What the
    application may call and which fields drifted is found again, too, with the times of the answers.

    Returns:
        How many pages told something, and where the old database of the home is now (None when it stays).

    Raises:
        ConfigError: The files cannot be moved.
    """
    from tunelake.collect.ledger.sql_ledger import SqlLedger
    from tunelake.collect.ledger.sqlalchemy_engine import is_damaged, put_aside

    # Beside a shared one the home's own holds jobs and counts alone, which stay while they can be read.
    is_over = not settings.control_url or is_damaged(ledger_path)
    aside = put_aside(ledger_path, SystemClock().now()) if is_over else None
    with ledgers(settings, ledger_path) as of:
        # Also those of sources that nothing landed from are there afterwards.
        voices = voices_of(settings)
        for voice in voices:
            of(voice.base)
        told = {source: AnsweredFields(base) for source, base in servers_of(settings).items()}
        pages: Iterable[Landed] = log.pages()
        for fields in told.values():
            pages = fields.passing(pages)
        found = recover(of, voices, pages, wants=True, progress=progress)
        for source, base in servers_of(settings).items():
            ledger = of(base)
            if isinstance(ledger, SqlLedger):
                _restore(ledger, client_of(source, settings), told[source])
        return found, aside


def _restore(ledger: SqlLedger, client: str, told: AnsweredFields) -> None:
    """Remember what all answers that are kept tell, beside what a ledger that is shared knows."""
    gates = {gate.endpoint: gate for gate in ledger.gates(client)}
    for gate in told.gates.values():
        if gate.endpoint not in gates or gates[gate.endpoint].at < gate.at:
            ledger.put_gate(client, gate)
    ledger.put_fields(client, list(with_known(ledger.fields(client), told.fields)))
    ledger.put_drift(client, list(told.drift.values()))
    ledger.put_capabilities(client, told.endpoints)
