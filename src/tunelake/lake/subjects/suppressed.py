"""What was erased and is not to come back: known by keyed hashes alone, dropped before it lands."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

import msgspec

from tunelake.domain.names import fold
from tunelake.domain.pages import Page
from tunelake.errors import ConfigError
from tunelake.lake.home import Home
from tunelake.lake.places.whole_file import write_whole
from tunelake.lake.subjects.keyed import Key, folder, key_of
from tunelake.lake.subjects.pages import nothing_of, rest
from tunelake.lake.subjects.subject import Subject

DROPPED = "tunelake-dropped"
"""Header of an answer of which something was dropped before it landed; of a person's file, how many rows."""
_WORD = re.compile(rb"[0-9A-Za-z:_-]{8,}")
_QUOTED = re.compile(rb'"(?:[^"\\]|\\.)+"')
_UPLOAD = "upload/"
_SPACES = ("spotify", "listenbrainz", "musicbrainz", "sandbox", "upload")
"""Where a user may be from when nothing tells it."""
_KNOWN = 200_000  # words that are remembered, so that few are hashed twice


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of one who was erased: hashes, and how long the ids are."""

    kind: str
    subject: str
    at: datetime
    ids: list[str]
    names: list[str]
    lengths: list[int]


class Suppressed:
    """The list of a home; what another process adds to it counts from the next answer on."""

    def __init__(self, home: Home) -> None:
        """Open the list; nothing is made."""
        self._home = home
        self._path = home.root / "erasure" / "suppressed.json"
        self._stamp: tuple[int, int] | None = None
        self._key: Key | None = None
        self._entries: list[Entry] = []
        self._hashes: dict[str, frozenset[str]] = {}
        self._lengths: frozenset[int] = frozenset()
        self._known: dict[tuple[str, str], bool] = {}

    def entries(self) -> list[Entry]:
        """Give what is on the list, the oldest first.

        Raises:
            ConfigError: The list cannot be read.
        """
        self._renew()
        return self._entries

    def __bool__(self) -> bool:
        """Tell whether anything is on the list."""
        self._renew()
        return bool(self._entries)

    def let_in(self, page: Page) -> Page:
        """Give a page without what is on the list: the page itself when it says nothing of it.

        Raises:
            ConfigError: The list cannot be read.
        """
        if not self:
            return page
        subject = self._met(page)
        if subject is None:
            return page
        left = rest(page, subject)
        if left is page:
            return page
        left = left or nothing_of(page, subject)
        rows = page.body.count(b"\n") - left.body.count(b"\n") if page.endpoint.startswith(_UPLOAD) else 1
        return msgspec.structs.replace(left, headers={**left.headers, DROPPED: str(max(rows, 1))})

    def is_listed(self, what: str) -> bool:
        """Tell whether an id, or the name of an artist, is on the list."""
        return bool(self) and (self._is("id", what) or self.is_name(what))

    def is_name(self, text: str) -> bool:
        """Tell whether a text is the name of an artist on the list, however it is typed."""
        return bool(self) and (self._is("name", text) or self._is("name", fold(text)))

    def is_user(self, user: str, source: str | None) -> bool:
        """Tell whether a user of a source is on the list; of any source when it is not told."""
        spaces = _SPACES if source is None else (source,)
        return bool(self) and any(self._is("user", f"{space}\0{user}") for space in spaces)

    def tells(self, text: str) -> bool:
        """Tell whether an id that is on the list stands in a text."""
        return bool(self) and any(True for _ in self._ids(text.encode(errors="surrogatepass")))

    def _met(self, page: Page) -> Subject | None:
        """Say in the plain who of the list is in a page; None when nobody is."""
        user = dict(page.params).get("user")
        if user and self._is("user", f"{page.source}\0{user}"):
            return Subject(kind="user", asked=user, source=page.source)
        texts = [page.body, page.path.encode(), *(value.encode() for _, value in page.params)]
        ids = {one for text in texts for one in self._ids(text)}
        names = set(self._names(page))
        if not ids and not names:
            return None
        return Subject(
            kind="artist",
            asked="",
            ids={"artist": {page.source: sorted(ids)}},
            names=sorted(names),
            made=sorted(names),
            alone=True,
        )

    def _ids(self, text: bytes) -> Iterator[str]:
        for word in {part for found in _WORD.findall(text) for part in (found, found.rpartition(b":")[2])}:
            if len(word) in self._lengths and self._is("id", one := word.decode()):
                yield one

    def _names(self, page: Page) -> Iterator[str]:
        """Names are asked for where there may be no ids: in files of a person, and in searches."""
        if not self._hashes["name"]:
            return
        given = {value for name, value in page.params if name == "q"}
        if page.endpoint.startswith(_UPLOAD):
            given |= {msgspec.json.decode(quoted) for quoted in set(_QUOTED.findall(page.body))}
        yield from (one for one in given if self.is_name(one))

    def _is(self, what: str, text: str) -> bool:
        known = self._known.get((what, text))
        if known is None:
            if len(self._known) >= _KNOWN:
                self._known.clear()
            key = self._key or key_of(self._home)
            known = self._known[what, text] = key.hash(what, text) in self._hashes[what]
        return known

    def _renew(self) -> None:
        """Read the list when it is another than before."""
        try:
            found = os.stat(self._path)  # noqa: PTH116  (asked at each answer)
        except FileNotFoundError:
            self._stamp, self._entries = None, []
            return
        stamp = (found.st_mtime_ns, found.st_ino)
        if stamp == self._stamp:
            return
        self._entries = _read(self._path)
        self._key = key_of(self._home)
        users = [one.subject for one in self._entries if one.kind == "user"]
        self._hashes = {
            "id": frozenset(one for entry in self._entries for one in entry.ids),
            "name": frozenset(one for entry in self._entries for one in entry.names),
            "user": frozenset(users),
        }
        self._lengths = frozenset(length for entry in self._entries for length in entry.lengths)
        self._known.clear()
        self._stamp = stamp


def add(home: Home, subject: Subject, at: datetime) -> None:
    """Put an artist or a user on the list; done again, it changes nothing.

    Raises:
        ConfigError: The list cannot be read or written.
    """
    key = key_of(home)
    entry = Entry(
        kind=subject.kind,
        subject=_hash(key, subject.kind, subject.source, subject.asked),
        at=at,
        ids=sorted(key.hash("id", one) for one in subject.long),
        names=sorted(key.hash("name", one) for one in _typed({*subject.names, *subject.made})),
        lengths=sorted({len(one) for one in subject.long}),
    )
    others = [one for one in Suppressed(home).entries() if one.subject != entry.subject]
    _write(home, [*others, entry])


def lift(home: Home, asked: str, sources: Iterable[str]) -> bool:
    """Take an artist or a user off the list.

    Args:
        home: The home.
        asked: An id that was erased.
        sources: Name spaces in which it may be a user's.

    Returns:
        Whether it was on it.

    Raises:
        ConfigError: The list cannot be read or written.
    """
    key = key_of(home)
    users = {_hash(key, "user", source, asked) for source in sources}
    one = key.hash("id", asked)
    before = Suppressed(home).entries()
    after = [entry for entry in before if one not in entry.ids and entry.subject not in users]
    if len(after) < len(before):
        _write(home, after)
    return len(after) < len(before)


def _typed(names: set[str]) -> set[str]:
    """Names as they are written, and as they are known however they are typed."""
    return names | {folded for one in names if (folded := fold(one))}


def _hash(key: Key, kind: str, source: str, asked: str) -> str:
    return key.hash("user", f"{source}\0{asked}") if kind == "user" else key.hash("subject", kind, asked)


def _read(path: Path) -> list[Entry]:
    try:
        return msgspec.json.decode(path.read_bytes(), type=list[Entry])
    except (OSError, msgspec.DecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}; it says what may not come back") from error


def _write(home: Home, entries: list[Entry]) -> None:
    path = folder(home) / "suppressed.json"
    try:
        write_whole(path, msgspec.json.encode(entries))
    except OSError as error:
        raise ConfigError(f"cannot write {path}: {error.strerror}") from error
