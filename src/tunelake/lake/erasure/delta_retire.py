"""Makes a Delta table forget what it was: older versions, their files, and what the log says of both."""

from __future__ import annotations

from deltalake.exceptions import DeltaError

from tunelake.errors import Fatal
from tunelake.lake.places.place import Place

_LOG = "_delta_log"


def retire(table: Place) -> int:
    """Remove all files that are not of the table as it is now, and the log before it.

    Whoever reads older files must be done. Nobody else may write the table meanwhile.

    Returns:
        How many files were removed.

    Raises:
        Fatal: A file cannot be removed, or the log cannot be written.
    """
    delta = table.delta()
    if delta is None:
        return 0
    try:
        gone = len(delta.vacuum(0, dry_run=False, enforce_retention_duration=False, full=True))
        # The checkpoint holds the state alone; every commit before it goes.
        delta.update_incremental()
        delta.create_checkpoint()
    except (DeltaError, OSError) as error:
        raise Fatal(f"cannot remove old versions of the table in {table.uri}: {error}") from error
    log = table / _LOG
    version = int(delta.version())
    for kept in list(log.files()):
        number = kept.name.split(".")[0]
        if kept.name != "_last_checkpoint" and not (number.isdigit() and int(number) >= version):
            log.remove(kept.name)
            gone += 1
    # Files of commits that never were: a process ended before it told of them.
    current = {uri.rpartition("/")[2] for uri in delta.file_uris()}
    for kept in list(table.files()):
        if not kept.name.startswith(f"{_LOG}/") and kept.name.rpartition("/")[2] not in current:
            table.remove(kept.name)
            gone += 1
    return gone
