"""The home: one folder that holds everything, and the note in it that says what it is."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import msgspec

from tunelake.errors import ConfigError
from tunelake.lake.places.folder_place import FolderPlace
from tunelake.lake.places.place import Place
from tunelake.lake.places.whole_file import write_whole

if TYPE_CHECKING:
    from tunelake.lake.places.s3_place import S3Place

FORMAT = 1
Kind = Literal["data", "demo"]
_NOTE = "home.json"
_HOLDS: dict[Kind, str] = {"data": "data", "demo": "a demo's made-up data"}
_FOLDERS = ("raw/torn", "serving", "locks", "spill")
_LAKE = ("raw/landing", "tables", "own", "marts")
_FAR = ("raw/open",)
# delta-rs takes a path for an address, and these for none.
_UNFIT = frozenset("[]|^\\%\n\r\t\0")
MOVED = "moved"
OLD = (*_LAKE, f"raw/{MOVED}", "coverage", "snapshots")
"""Where in the folder of a home a lake is, or was before it was moved."""


class Note(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What `home.json` says.

    Attributes:
        format: Of the folder.
        kind: Whether its data are a demo's.
        lake: Address of the lake when it is not in the folder.
    """

    format: int
    kind: Kind
    lake: str = ""


class Home(msgspec.Struct, frozen=True):
    """The places in a home.

    Attributes:
        root: The folder on this machine: control state, locks, what serves, and the open landing segment.
        far: Where the lake is when it is not in the folder.
    """

    root: Path
    far: S3Place | None = None

    def at(self, name: str) -> Place:
        """Give a place of the lake; nothing of it need be there."""
        return FolderPlace(self.root / name) if self.far is None else self.far / name

    @property
    def landing(self) -> Path:
        """Segments of the landing log; of a lake that is far away, those that were not landed yet."""
        return self.root / "raw" / ("landing" if self.far is None else "open")

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


def open_home(root: Path, kind: Kind = "data", far: S3Place | None = None) -> Home:
    """Open a home, and lay it out in a new or empty folder.

    Args:
        root: The folder; it and its parents are made when missing.
        kind: "demo" for the demo's made-up data, which never mix with real ones.
        far: Where the lake is, when not in the folder. It is asked only when this home first meets it.

    Raises:
        ConfigError: The folder, or what is far away, holds something else, data of the other kind or of a
            newer format, or cannot be written. Nothing was changed.
        Retryable: What is far away does not answer.
    """
    if unfit := _UNFIT.intersection(str(root.resolve())):
        raise ConfigError(
            f"tables cannot be kept below {root}: its name holds {' '.join(sorted(map(repr, unfit)))}; "
            "set TUNELAKE_HOME to another folder"
        )
    note = read_note(root)
    uri = "" if far is None else far.uri
    if note is not None:
        check_note(note, kind, str(root))
    if far is not None and (note is None or note.lake != uri):
        _check_can_go(root, note, uri)
        _meet(far, kind)
    elif note is not None and note.lake != uri:
        raise ConfigError(f"the lake of {root} is {note.lake}: set TUNELAKE_LAKE_URL to that")
    if note is None:
        _found(root, kind, uri)
    elif note.lake != uri:
        write_note(root, msgspec.structs.replace(note, lake=uri))
    home = Home(root.resolve(), far)
    _lay_out(home)
    return home


def check_note(note: Note, kind: Kind, where: str) -> None:
    """Raise ConfigError when what a note tells of is not for this version, or not of this kind."""
    if note.format > FORMAT:
        raise ConfigError(f"{where} has format {note.format}, this version knows {FORMAT}: upgrade Tunelake")
    if note.format < FORMAT:
        raise ConfigError(f"{where} has format {note.format}, an older one: run `tunelake upgrade`")
    if note.kind != kind:
        raise ConfigError(
            f"{where} holds {_HOLDS[note.kind]}, which never mixes with {_HOLDS[kind]}; "
            "set TUNELAKE_HOME to another folder"
        )


def _check_can_go(root: Path, note: Note | None, uri: str) -> None:
    if note is not None and note.lake:
        raise ConfigError(
            f"the lake of {root} is {note.lake}, not {uri}: set TUNELAKE_LAKE_URL to that, or choose "
            "another TUNELAKE_HOME"
        )
    if any(found.is_file() for part in _LAKE for found in (root / part).rglob("*")):
        raise ConfigError(
            f"the lake of {root} is in that folder, not {uri}: `tunelake move --lake {uri}` takes it there"
        )


def _meet(far: S3Place, kind: Kind) -> None:
    """Look whether an address is a lake of this kind, and make it one when nothing is there.

    Raises:
        ConfigError: It holds something else.
        Retryable: It does not answer.
    """
    found = far.bucket.get(far.prefix + _NOTE)
    if found is None:
        other = next(iter(far.bucket.objects(far.prefix, most=1)), None)
        if other is not None:
            raise ConfigError(
                f"{far.uri} is not empty and no lake of Tunelake (it holds {other.key!r}); "
                "set TUNELAKE_LAKE_URL to a new prefix"
            )
        if far.bucket.put(far.prefix + _NOTE, written(Note(format=FORMAT, kind=kind)), new=True):
            return
        found = far.read(_NOTE)
    try:
        check_note(msgspec.json.decode(found, type=Note), kind, far.uri)
    except msgspec.DecodeError as error:
        raise ConfigError(f"{far.uri}/{_NOTE} is not a note of Tunelake ({error})") from error


def _found(root: Path, kind: Kind, lake: str) -> None:
    """Make an empty folder a home; the note is written last and whole."""
    try:
        root.mkdir(parents=True, exist_ok=True)
        others = sorted(path.name for path in root.iterdir())
    except OSError as error:
        raise _unwritable(root, error) from error
    if others:
        raise ConfigError(
            f"{root} is not empty and no home of Tunelake (it holds {others[0]!r}); "
            "set TUNELAKE_HOME to a new or empty folder"
        )
    write_note(root, Note(format=FORMAT, kind=kind, lake=lake))


def write_note(root: Path, note: Note) -> None:
    """Write the note of a home, whole.

    Raises:
        ConfigError: It cannot be written.
    """
    try:
        write_whole(root / _NOTE, written(note), alone=False)
    except OSError as error:
        raise _unwritable(root, error) from error


def written(note: Note) -> bytes:
    """Return the bytes of a note."""
    return msgspec.json.format(msgspec.json.encode(note)) + b"\n"


def _lay_out(home: Home) -> None:
    try:
        for folder in (*_FOLDERS, *(_LAKE if home.far is None else _FAR)):
            (home.root / folder).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(home.root, error) from error
    if not os.access(home.root, os.W_OK):
        raise ConfigError(f"{home.root} cannot be written; check its owner or set TUNELAKE_HOME")


def _unwritable(root: Path, error: OSError) -> ConfigError:
    return ConfigError(
        f"cannot write to {root}: {error.strerror}; check it or set TUNELAKE_HOME to another folder"
    )


def old_copies(home: Home) -> list[str]:
    """Name the parts of a lake that are still in the home's folder though its lake is elsewhere."""
    return [part for part in OLD if any(FolderPlace(home.root / part).files())] if home.far else []
