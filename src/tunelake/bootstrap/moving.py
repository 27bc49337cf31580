"""Takes a home from a laptop to servers, or back: its lake, its control state, its catalogue."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from tunelake.bootstrap.lakes import open_far
from tunelake.bootstrap.tunelake import Tunelake
from tunelake.collect.control import place_of
from tunelake.errors import ConfigError, Retryable
from tunelake.lake.home import Home, old_copies
from tunelake.settings import Secret, Settings

if TYPE_CHECKING:
    from tunelake.lake.move.run import MoveReport
    from tunelake.publish.run import PublishReport

Progress = Callable[[str, int, int | None], None]
FOLDER = "folder"
"""The address of a lake that is in the folder of its home."""


class Moved(msgspec.Struct, kw_only=True):
    """What a move did.

    Attributes:
        lake: What was copied and compared; None when the lake was there already, or stays.
        control: Rows of the ledger that are in the shared database, by table; None when it stays.
        budgets: Lines of what was learned of limits, by budget.
        catalogue: What was put into the new catalogue; None when it stays, or nothing was built yet.
        removed: Where the lake was removed when it was there no longer; "" when it was kept.
        old: Where the lake still is, though it is no longer used; "" for nowhere.
        settings: What has to be set from now on; "" for what must not be set.
    """

    lake: MoveReport | None = None
    control: dict[str, int] | None = None
    budgets: dict[str, int] = {}
    catalogue: PublishReport | None = None
    removed: str = ""
    old: str = ""
    settings: dict[str, str] = {}


def move(
    settings: Settings,
    *,
    lake: str = "",
    control: str = "",
    catalogue: str = "",
    remove: bool = False,
    progress: Progress,
) -> Moved:
    """Take parts of a home elsewhere; done again after whatever ended it, it goes on.

    Args:
        settings: The home; where its lake is, its own note says.
        lake: "s3://BUCKET/PREFIX", or "folder" for the folder of the home; "" leaves it.
        control: Address of the database that is to hold ledger and budgets; "" leaves them.
        catalogue: Address of the relational store that is to serve; "" leaves it.
        remove: Remove the lake where it was, once it is proved to be elsewhere.
        progress: Told of each stage.

    Raises:
        ConfigError: An address cannot be used, or something else is there.
        Retryable: A job runs, or a server does not answer.
        Fatal: What was copied is not what was there.
    """
    settings = msgspec.structs.replace(settings, lake_url="")
    moved = Moved()
    if lake or remove:
        moved.lake = _move_lake(settings, lake, progress, moved, remove=remove)
    if control:
        _copy_control(settings, control, progress, moved)
    if catalogue:
        settings = msgspec.structs.replace(settings, catalogue_url=Secret(catalogue))
        _fill(settings, progress, moved)
    return moved


def _move_lake(
    settings: Settings, url: str, progress: Progress, moved: Moved, *, remove: bool
) -> MoveReport | None:
    from tunelake.lake.move import run

    product = Tunelake(settings)
    source = product.lake.home
    if url == FOLDER:
        target = Home(source.root)
    else:
        target = Home(source.root, open_far(settings, url, source.root)) if url else source
    moved.settings |= _of_lake(settings, target)
    report = None
    if run.place(source) != run.place(target):
        _quiet(product)
        product.land()
        report = run.move(source, target, progress)
        old = source
    else:
        old = Home(source.root) if old_copies(source) else target
    if old is target:
        return report
    if remove:
        run.remove(old)
        moved.removed = run.place(old)
    else:
        moved.old = run.place(old)
    return report


def _quiet(product: Tunelake) -> None:
    """Make sure that no job of the home runs."""
    from tunelake.observe.sqlite_logbook import Logbook

    home = product.lake.home
    running = [job.name for job in Logbook(home.control, home.locks).jobs() if job.outcome == "running"]
    if running:
        raise Retryable(f"a job runs in this home ({running[0]}); run again when it has ended")


def _of_lake(settings: Settings, target: Home) -> dict[str, str]:
    if target.far is None:
        return {"TUNELAKE_LAKE_URL": ""}
    told = {
        "TUNELAKE_LAKE_URL": target.far.uri,
        "AWS_ENDPOINT_URL": settings.aws.endpoint,
        "AWS_REGION": settings.aws.region,
    }
    return {name: value for name, value in told.items() if value}


def _copy_control(settings: Settings, url: str, progress: Progress, moved: Moved) -> None:
    from tunelake.collect.budget.budgets import folder_of
    from tunelake.collect.budget.copy import copy_journal
    from tunelake.collect.budget.file_journal import FileJournal
    from tunelake.collect.budget.postgres_journal import PostgresJournal
    from tunelake.collect.ledger.sqlalchemy_copy import copy_ledger

    if settings.control_url and settings.control_url.reveal() != url:
        raise ConfigError(f"ledger and budgets are in {place_of(settings.control_url.reveal())} already")
    product = Tunelake(settings)
    _quiet(product)
    path = product.lake.home.control
    moved.control = copy_ledger(path, url, lambda done: progress("ledger", done, None))
    for log in sorted(folder_of(path).glob("*.log")):
        source, target = FileJournal(folder_of(path), log.stem), PostgresJournal(url, log.stem)
        try:
            moved.budgets[log.stem] = copy_journal(source, target)
        finally:
            source.close()
            target.close()
    moved.settings["TUNELAKE_CONTROL_URL"] = f"the address of {place_of(url)}"


def _fill(settings: Settings, progress: Progress, moved: Moved) -> None:
    from tunelake.bootstrap.publishing import publish

    progress("catalogue", 0, 1)
    product = Tunelake(settings)
    if "similar_artists" in product.lake.home.marts.tables():
        try:
            moved.catalogue = publish(product, verify=True)
        finally:
            product.stores.catalogue.close()
    moved.settings["TUNELAKE_CATALOGUE_URL"] = "the address you gave"
    progress("catalogue", 1, 1)
