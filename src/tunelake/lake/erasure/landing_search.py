"""Finds the answers of the landing log that say something of somebody, and takes that out of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

import pyarrow as pa
import pyarrow.compute as pc

from tunelake.domain.pages import Page
from tunelake.lake.home import Home
from tunelake.lake.landing import records
from tunelake.lake.landing.landings import RAW, landing_of
from tunelake.lake.landing.redact_files import Place, rewrite
from tunelake.lake.landing.redaction import cut, erased, redacted
from tunelake.lake.landing.segments import Stored
from tunelake.lake.subjects.pages import Pages, index_of, masked, rest
from tunelake.lake.subjects.subject import Subject

_AT_ONCE = 16 << 20  # bytes of bodies


def saying(stored: Iterable[Stored], subject: Subject) -> Iterator[Stored]:
    """Give the pages that may say something of somebody: a quick look, to be looked at again."""
    batch: list[Stored] = []
    size = 0
    for one in stored:
        if erased(one.body_hash):
            continue
        batch.append(one)
        size += one.size
        if size >= _AT_ONCE:
            yield from _among(batch, subject)
            batch, size = [], 0
    yield from _among(batch, subject)


def _among(batch: list[Stored], subject: Subject) -> Iterator[Stored]:
    if subject.kind != "source":
        heads = pa.array([_head(one.page) for one in batch], pa.binary())
        bodies = pa.array([one.page.body for one in batch], pa.large_binary())
        found = [_matches(texts, subject.told) for texts in (heads, bodies)]
        yield from (one for one, *hits in zip(batch, *found, strict=True) if any(hits))
    else:
        yield from batch


def _matches(texts: pa.Array, patterns: list[str]) -> list[bool]:
    hits = pa.array([False] * len(texts), pa.bool_())
    for pattern in patterns:
        hits = pc.or_(hits, pc.match_substring_regex(texts, pattern))
    found: list[bool] = hits.to_pylist()
    return found


def _head(page: Page) -> bytes:
    # In quotes, as the pattern has names and short ids.
    parts = [*page.path.split("/"), *(value for _, value in page.params)]
    return "".join(f'"{part}"' for part in parts).encode()


def erase(home: Home, places: Iterable[Place], subject: Subject) -> int:
    """Take what is said of somebody out of answers; done again, it changes nothing.

    Returns:
        How many were changed.

    Raises:
        Fatal: One cannot be read or written; done again, it goes on.
    """
    return rewrite(home, ((place, partial(_record, subject=subject)) for place in places))


def _record(record: bytes, *, subject: Subject) -> bytes:
    told, body = records.decode(record)
    page = records.with_body(told.page, body)
    left = rest(page, subject)
    if left is page:
        return record
    if left is not None:
        try:
            return cut(record, left)
        except records.Broken:
            pass  # what is left cannot be written in its place: nothing of it is
    return redacted(record, partial(masked, subject=subject, source=page.source))


def told(home: Home, places: Iterable[Place]) -> Pages:
    """Read what is left of answers that were erased.

    Nothing is of those whose segment has expired since, and been removed: their index went with it.

    Raises:
        Fatal: One cannot be read.
    """
    pages = Pages()
    landing = landing_of(home)
    there = {one.name for one in home.at(RAW).files()} | {path.name for path in home.landing.iterdir()}
    for place in (one for one in places if one[0] in there):
        stored = landing.read(*place)
        if erased(stored.body_hash):
            pages.gone.append(stored.page.page_id)
        else:
            pages.cut[stored.page.page_id] = index_of(stored.page, stored.body_hash)
    return pages


def counted(home: Home, subject: Subject) -> tuple[int, int]:
    """Count the answers of which nothing would be left, and those of which a part would."""
    whole = part = 0
    for stored in saying(landing_of(home).pages(), subject):
        left = rest(stored.page, subject)
        whole += left is None
        part += left is not None and left is not stored.page
    return whole, part
