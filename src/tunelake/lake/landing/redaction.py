"""A record of the landing log without what it said: as long, in the same place, nobody's any more. Pure."""

from __future__ import annotations

import hashlib
import struct
import sys
import zlib
from collections.abc import Callable, Iterator

import msgspec

from tunelake.domain.pages import Page
from tunelake.lake.landing import records
from tunelake.lake.subjects.pages import ERASED, OK, PERSONAL

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_SKIPPED = struct.Struct("<II")  # magic of a frame that readers skip, length of what it holds
_SKIPPED_MAGIC = 0x184D2A50
_CRC_AT = 12
_REST_AT = 16
_BODY = struct.Struct("<QI")
_LEVELS = (1, 3, 9)
_TRIES = 40


def redacted(record: bytes, mask: Callable[[str], str] = str) -> bytes:
    """Erase a record: its body becomes empty, the personal parameters of its page become dashes.

    Args:
        record: The record.
        mask: What becomes of the path and the other parameters; as many bytes as before.

    Returns:
        A whole record of the same length; the head's checksums are right, so it reads as a page.

    Raises:
        records.Broken: It is no record.
    """
    told = records.meta(record)
    page = _nobodys(told.page, mask)
    meta = msgspec.structs.replace(told, page=page, body_hash="0" * len(told.body_hash))
    return _with(record, meta, _nothing(records.head(record).body_length))


def cut(record: bytes, page: Page) -> bytes:
    """Put into a record what is left of its page: body, path and parameters of the lengths they had.

    Raises:
        records.Broken: It is no record, or what is left does not fit into it.
    """
    told = records.meta(record)
    body_hash = hashlib.sha256(page.body).hexdigest()
    meta = msgspec.structs.replace(told, page=msgspec.structs.replace(page, body=b""), body_hash=body_hash)
    return _with(record, meta, _fitted(page.body, records.head(record).body_length))


def _with(record: bytes, meta: records.Meta, body: bytes) -> bytes:
    rest = _BODY.pack(len(body), zlib.crc32(body)) + msgspec.msgpack.encode(meta)
    length = records.head(record).head_length - _REST_AT
    if len(rest) != length:
        raise records.Broken(f"the head of {meta.page.page_id} would be {len(rest)} bytes, not {length}")
    return record[:_CRC_AT] + struct.pack("<I", zlib.crc32(rest)) + rest + body


def _fitted(body: bytes, length: int) -> bytes:
    """Make frames of a length that hold a body: its own, and one that is skipped."""
    for text in _spellings(body):
        for level in _LEVELS:
            left = length - len(frame := zstd.compress(text, level))
            if left == 0 or left >= _SKIPPED.size:
                return frame + (_nothing(left) if left else b"")
    raise records.Broken(f"a body cannot be made {length} bytes long")


def _spellings(body: bytes) -> Iterator[bytes]:
    """The body, then with other white space at its end, so that it takes some bytes more or less."""
    yield body
    end = b"\n" if body.endswith(b"\n") else b""
    text = body.rstrip()
    room = len(body) - len(text) - len(end)
    for seed in range(1, min(room, _TRIES)):
        odd = bytes(b" \t"[at * at * seed % 3 % 2] for at in range(min(room, 8 + seed)))
        yield text + odd.ljust(room) + end


def erased(body_hash: str) -> bool:
    """Tell by the hash of its body whether a record was erased."""
    return not body_hash.strip("0")


def _nobodys(page: Page, mask: Callable[[str], str]) -> Page:
    params = tuple(
        (name, "-" * len(value.encode()) if name in PERSONAL else mask(value)) for name, value in page.params
    )
    status = ERASED if page.status == OK else page.status
    return msgspec.structs.replace(page, path=mask(page.path), params=params, status=status)


def _nothing(length: int) -> bytes:
    """Make frames of a length that hold nothing: one that is skipped, where there is room for its head."""
    if length < _SKIPPED.size:
        raise records.Broken(f"a body of {length} bytes has no room to be erased")
    return _SKIPPED.pack(_SKIPPED_MAGIC, length - _SKIPPED.size) + b"\0" * (length - _SKIPPED.size)
