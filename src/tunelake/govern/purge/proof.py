"""The proof of a purge: what was erased and that nothing is left, by keyed hashes alone; signed."""

from __future__ import annotations

import hmac
from datetime import datetime
from pathlib import Path

import msgspec

from tunelake.errors import ConfigError, Fatal
from tunelake.govern.purge.residue import HashedSearch, Residue, shapes_of
from tunelake.lake.home import Home
from tunelake.lake.places.whole_file import write_whole
from tunelake.lake.subjects.keyed import Key, folder
from tunelake.lake.subjects.subject import Subject


class Proof(msgspec.Struct, kw_only=True, frozen=True):
    """What a purge erased, and what a search for it found afterwards.

    Attributes:
        id: Names the proof.
        kind: "artist", "user" or "source".
        subject: Keyed hash of what was asked for.
        ids: Keyed hashes of the ids that were looked for.
        names: Keyed hashes of the names.
        shapes: How the ids look, so that what may be one can be found.
        erased: Rows, answers and so on, by place.
        files: Files that were searched.
        size: Bytes of content that were searched, decoded.
        left: How often an id or a name was found.
        bytes_written: Bytes of tables and answers that were written anew.
        signature: Of all the rest, with the key of the home.
    """

    id: str
    kind: str
    subject: str
    began_at: datetime
    finished_at: datetime
    erased: dict[str, int]
    files: int
    size: int
    left: int
    bytes_written: int = 0
    unread: list[str] = []
    shapes: list[str] = []
    ids: list[str] = []
    names: list[str] = []
    signature: str = ""


def prove(
    key: Key,
    subject: Subject,
    began_at: datetime,
    now: datetime,
    erased: dict[str, int],
    residue: Residue,
    written: int,
) -> Proof:
    """Write down what a purge did."""
    hashed = key.hash("subject", subject.kind, subject.asked)
    proof = Proof(
        id=f"{now:%Y%m%dT%H%M%S}-{subject.kind}-{hashed[:8]}",
        kind=subject.kind,
        subject=hashed,
        began_at=began_at,
        finished_at=now,
        erased=erased,
        files=residue.files,
        size=residue.size,
        left=residue.total,
        bytes_written=written,
        unread=residue.unread,
        shapes=shapes_of(subject.long),
        ids=sorted(key.hash("id", one) for one in subject.long),
        names=sorted(key.hash("name", one) for one in subject.names),
    )
    return msgspec.structs.replace(proof, signature=key.sign(_signed(proof)))


def _signed(proof: Proof) -> bytes:
    return msgspec.json.encode(msgspec.structs.replace(proof, signature=""))


def write(home: Home, proof: Proof) -> Path:
    """Keep a proof in the home; returns its file.

    Raises:
        Fatal: It cannot be written.
    """
    path = folder(home) / "proofs" / f"{proof.id}.json"
    try:
        path.parent.mkdir(exist_ok=True)
        write_whole(path, msgspec.json.format(msgspec.json.encode(proof)) + b"\n")
    except OSError as error:
        raise Fatal(f"cannot write {path}: {error.strerror}") from error
    return path


def read(home: Home, named: str, key: Key) -> Proof:
    """Read a proof, by its file or its id, or the "last" one, and check its signature.

    Raises:
        ConfigError: There is no such proof, or it is not as it was written in this home.
    """
    if named == "last":
        named = next(reversed(proofs(home)), named)
    paths = (Path(named), folder(home) / "proofs" / f"{named}.json")
    path = next((one for one in paths if one.is_file()), None)
    if path is None:
        raise ConfigError(f"there is no proof '{named}': give a file, or an id from `tunelake purge --list`")
    try:
        proof = msgspec.json.decode(path.read_bytes(), type=Proof)
    except (OSError, msgspec.DecodeError) as error:
        raise ConfigError(f"{path} is no proof: {error}") from error
    if not hmac.compare_digest(proof.signature, key.sign(_signed(proof))):
        raise ConfigError(f"{path} is not as it was written in this home: its signature is wrong")
    return proof


def proofs(home: Home) -> list[str]:
    """Name the proofs of a home, the oldest first."""
    return sorted(path.stem for path in (folder(home) / "proofs").glob("*.json"))


def search_of(proof: Proof, key: Key) -> HashedSearch:
    """Make the search that a proof stands for."""
    return HashedSearch(key, proof.ids, proof.names, proof.shapes)
