"""Erasing: whom it is about, found in the lake, and everything that has to let go."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tunelake.bootstrap.tunelake import Tunelake
from tunelake.errors import ConfigError
from tunelake.lake.home import old_copies
from tunelake.work.stores import Stores

if TYPE_CHECKING:
    from tunelake.govern.purge.job import Preview
    from tunelake.govern.purge.proof import Proof
    from tunelake.govern.purge.residue import Residue
    from tunelake.lake.subjects.subject import Subject
    from tunelake.lake.subjects.suppressed import Entry

Progress = Callable[[str, int, int | None], None]


def subject_of(
    tunelake: Tunelake, *, artist: str | None = None, user: str | None = None, source: str | None = None
) -> Subject:
    """Find out whom a purge is about; what was appended is landed first.

    Args:
        tunelake: The home.
        artist: An artist's id in any source, or an entity_id.
        user: A user's id in the source.
        source: The source; alone: all of it.

    Raises:
        ConfigError: Nobody is named, nothing tells of such an artist, or an old copy of the lake is left.
        Retryable: Another process is landing this home.
    """
    from tunelake.lake.erasure import duckdb_subject
    from tunelake.lake.subjects.subject import Subject

    lake = tunelake.lake
    if old := old_copies(lake.home):
        raise ConfigError(
            f"the lake as it was before it was moved is still in the home ({', '.join(old)}): "
            "`tunelake move --remove` removes it, then purge"
        )
    lake.land()
    if artist is not None:
        return duckdb_subject.artist(lake.connect(), artist.strip())
    if user is not None:
        space = source or "spotify"
        return Subject(kind="user", asked=user.strip(), source=space, ids={"user": {space: [user.strip()]}})
    if source is None:
        raise ConfigError("say what is to be erased: --artist ID, --user ID or --source NAME")
    return duckdb_subject.source(lake.connect(), source)


def look(tunelake: Tunelake, subject: Subject) -> Preview:
    """Count what a purge would erase; see `govern.purge.job.look`."""
    from tunelake.govern.purge.job import look

    return look(tunelake.lake, subject, tunelake.settings.control_url.reveal())


def purge(
    tunelake: Tunelake, subject: Subject | None, progress: Progress, wait_seconds: float = 60.0
) -> Proof:
    """Erase somebody everywhere, or go on with what is under way; see `govern.purge.job.purge`."""
    from tunelake.govern.purge.job import purge

    if subject is not None and subject.kind == "user":
        _log_out(tunelake, subject)
    return purge(
        tunelake.lake,
        _stores(tunelake),
        subject,
        now=tunelake.clock.now,
        market=tunelake.settings.market,
        control=tunelake.settings.control_url.reveal(),
        wait_seconds=wait_seconds,
        progress=progress,
    )


def verify(tunelake: Tunelake, named: str) -> tuple[Proof, Residue]:
    """Check a proof's signature, and search once more for what it is about, by keyed hashes alone.

    Raises:
        ConfigError: It is no proof of this home.
    """
    from tunelake.govern.purge import pending, proof
    from tunelake.govern.purge.decoded_files import search_control, search_far, search_home, search_stores
    from tunelake.lake.subjects.keyed import key_of

    home = tunelake.lake.home
    key = key_of(home)
    found = proof.read(home, named, key)
    search = proof.search_of(found, key)
    left = search_home(home, search, pending.path_of(home))
    if home.far is not None:
        search_far(home.far, left, search)
    search_control(tunelake.settings.control_url.reveal(), left, search)
    if stores := _stores(tunelake):
        search_stores(stores.catalogue, stores.documents, stores.names, left, search)
    return found, left


def pending(tunelake: Tunelake) -> Subject | None:
    """Tell whom a purge is about that was begun and not finished; None when there is none."""
    from tunelake.govern.purge import pending

    found = pending.read(tunelake.lake.home)
    return None if found is None else found.subject


def proofs(tunelake: Tunelake) -> list[str]:
    """Name the proofs of a home, the oldest first."""
    from tunelake.govern.purge.proof import proofs

    return proofs(tunelake.lake.home)


def listed(tunelake: Tunelake) -> list[Entry]:
    """Give what was erased and may not come back: by keyed hashes."""
    from tunelake.lake.subjects.suppressed import Suppressed

    return Suppressed(tunelake.lake.home).entries()


def lift(tunelake: Tunelake, asked: str, source: str | None) -> bool:
    """Let somebody come back who was erased; False when there is nobody like that.

    Args:
        tunelake: The home.
        asked: The id of an artist or a user.
        source: Where a user's id is from.

    Raises:
        Retryable: A purge is under way.
    """
    from tunelake.lake.locks.exclusive import exclusive
    from tunelake.lake.subjects.suppressed import lift

    home = tunelake.lake.home
    # A purge writes the same list.
    with exclusive(home, "purge"):
        return lift(home, asked.strip(), [source or "spotify"])


def _stores(tunelake: Tunelake) -> Stores | None:
    settings = tunelake.settings
    elsewhere = bool(settings.catalogue_url.reveal() or settings.documents_url.reveal())
    serving: Path = tunelake.lake.home.serving
    return tunelake.stores if elsewhere or any(serving.iterdir()) else None


def _log_out(tunelake: Tunelake, subject: Subject) -> None:
    """What a user leaves beside the lake: tokens, and tracks that were wanted because of plays."""
    from tunelake.collect.login.files import LoginFiles
    from tunelake.work.listens import log_out

    lake = tunelake.lake
    with tunelake.ledger() as ledger:
        log_out(lake, LoginFiles(lake.home.root), user=subject.asked, source=subject.source, ledger=ledger)
