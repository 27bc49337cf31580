"""The home: one folder that holds everything, and the note in it that says what it is."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

import msgspec

from tunelake.errors import ConfigError
from tunelake.lake.folder_place import FolderPlace
from tunelake.lake.place import Place

FORMAT = 1
Kind = Literal["data", "demo"]
_NOTE = "home.json"
_HOLDS: dict[Kind, str] = {"data": "data", "demo": "a demo's made-up data"}
_FOLDERS = ("raw/landing", "raw/torn", "tables", "own", "marts", "serving", "locks", "spill")


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """What `home.json` says: the format of the folder, and whether its data are a demo's."""

    format: int
    kind: Kind


class Home(msgspec.Struct, frozen=True):
    """The places in a home.

    Attributes:
        root: The folder on this machine: control state, locks, what serves, and the open landing segment.
    """

    root: Path

    def at(self, name: str) -> Place:
        """Give a place of the lake; nothing of it need be there."""
        return FolderPlace(self.root / name)

    @property
    def landing(self) -> Path:
        """Segments of the landing log."""
        return self.root / "raw" / "landing"

    @property
    def torn(self) -> Path:
        """Tails that were cut from segments after a crash."""
        return self.root / "raw" / "torn"

    @property
    def tables(self) -> Place:
        """Delta logs of the typed tables."""
        return self.at("tables")

    @property
    def replay(self) -> Place:
        """Tables that a replay makes aside; gone when it ends."""
        return self.at("replay")

    @property
    def marts(self) -> Place:
        """Delta tables of the marts."""
        return self.at("marts")

    @property
    def own(self) -> Place:
        """Tables that a person pulled from a database."""
        return self.at("own")

    @property
    def control(self) -> Path:
        """Database of the ledger and other control state."""
        return self.root / "control.db"

    @property
    def serving(self) -> Path:
        """Stores that answer questions."""
        return self.root / "serving"

    @property
    def locks(self) -> Path:
        """Files that processes lock."""
        return self.root / "locks"

    @property
    def spill(self) -> Path:
        """Where queries put what does not fit in memory."""
        return self.root / "spill"


def read_note(root: Path) -> Note | None:
    """Return what a folder's note says, or None when there is none.

    Raises:
        ConfigError: The note is not one, or cannot be read.
    """
    path = root / _NOTE
    try:
        return msgspec.json.decode(path.read_bytes(), type=Note)
    except FileNotFoundError:
        return None
    except NotADirectoryError as error:
        raise ConfigError(
            f"{root} is no folder: it, or what it lies in, is a file; set TUNELAKE_HOME"
        ) from error
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}; check its permissions") from error
    except msgspec.DecodeError as error:
        raise ConfigError(
            f"{path} is not a note of Tunelake ({error}); choose another TUNELAKE_HOME"
        ) from error


def open_home(root: Path, kind: Kind = "data") -> Home:
    """Open a home, and lay it out in a new or empty folder.

    Args:
        root: The folder; it and its parents are made when missing.
        kind: "demo" for the demo's made-up data, which never mix with real ones.

    Raises:
        ConfigError: The folder holds something else, data of the other kind or of a newer format, or
            cannot be written. Nothing was changed.
    """
    note = read_note(root)
    if note is None:
        _found(root, kind)
    elif note.format > FORMAT:
        raise ConfigError(f"{root} has format {note.format}, this version knows {FORMAT}: upgrade Tunelake")
    elif note.kind != kind:
        raise ConfigError(
            f"{root} holds {_HOLDS[note.kind]}, which never mixes with {_HOLDS[kind]}; "
            "set TUNELAKE_HOME to another folder"
        )
    home = Home(root.resolve())
    _lay_out(home)
    return home


def _found(root: Path, kind: Kind) -> None:
    """Make an empty folder a home; the note is written last and whole."""
    try:
        root.mkdir(parents=True, exist_ok=True)
        others = sorted(path.name for path in root.iterdir())
        if others:
            raise ConfigError(
                f"{root} is not empty and no home of Tunelake (it holds {others[0]!r}); "
                "set TUNELAKE_HOME to a new or empty folder"
            )
        draft = root / f".{_NOTE}.{os.getpid()}"
        draft.write_bytes(msgspec.json.format(msgspec.json.encode(Note(format=FORMAT, kind=kind))) + b"\n")
        draft.replace(root / _NOTE)
    except OSError as error:
        raise _unwritable(root, error) from error


def _lay_out(home: Home) -> None:
    try:
        for folder in _FOLDERS:
            (home.root / folder).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(home.root, error) from error
    if not os.access(home.root, os.W_OK):
        raise ConfigError(f"{home.root} cannot be written; check its owner or set TUNELAKE_HOME")


def _unwritable(root: Path, error: OSError) -> ConfigError:
    return ConfigError(
        f"cannot write to {root}: {error.strerror}; check it or set TUNELAKE_HOME to another folder"
    )
