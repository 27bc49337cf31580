"""A record of the landing log without what it said: as long, in the same place, nobody's any more. Pure."""

from __future__ import annotations

import struct
import zlib

import msgspec

from tunelake.domain.pages import Page
from tunelake.lake import records

OK = 200
ERASED = 204
"""Status of a page whose body was erased; as many bytes as 200 in the record."""
PERSONAL = frozenset({"user", "file", "known"})
"""Parameters that tell of a person."""
_SKIPPED = struct.Struct("<II")  # magic of a frame that readers skip, length of what it holds
_SKIPPED_MAGIC = 0x184D2A50
_CRC_AT = 12
_REST_AT = 16
_BODY = struct.Struct("<QI")


def redacted(record: bytes) -> bytes:
    """Erase a record: its body becomes empty, the personal parameters of its page become dashes.

    Returns:
        A whole record of the same length; the head's checksums are right, so it reads as a page.

    Raises:
        records.Broken: It is no record.
    """
    head = records.head(record)
    told = records.meta(record)
    body = _nothing(head.body_length)
    meta = msgspec.structs.replace(told, page=_nobodys(told.page), body_hash="0" * len(told.body_hash))
    rest = _BODY.pack(len(body), zlib.crc32(body)) + msgspec.msgpack.encode(meta)
    length = head.head_length - _REST_AT
    if len(rest) != length:
        raise records.Broken(f"the head of {told.page.page_id} would be {len(rest)} bytes, not {length}")
    return record[:_CRC_AT] + struct.pack("<I", zlib.crc32(rest)) + rest + body


def erased(body_hash: str) -> bool:
    """Tell by the hash of its body whether a record was erased."""
    return not body_hash.strip("0")


def _nobodys(page: Page) -> Page:
    params = tuple(
        (name, "-" * len(value.encode()) if name in PERSONAL else value) for name, value in page.params
    )
    return msgspec.structs.replace(page, params=params, status=ERASED if page.status == OK else page.status)


def _nothing(length: int) -> bytes:
    """Make frames of a length that hold nothing: one that is skipped, where there is room for its head."""
    if length < _SKIPPED.size:
        raise records.Broken(f"a body of {length} bytes has no room to be erased")
    return _SKIPPED.pack(_SKIPPED_MAGIC, length - _SKIPPED.size) + b"\0" * (length - _SKIPPED.size)
