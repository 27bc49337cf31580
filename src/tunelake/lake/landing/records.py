"""The record of a page in the landing log: a zstd skippable frame that tells about it, then the body's frame.

A segment of records is a valid zstd file: any zstd tool prints the bodies and skips the rest.
The skippable frame holds, little-endian: "tlp1", CRC-32 of what follows, length and CRC-32 of the body's
frame, then MessagePack of the page without its body. So pages can be listed without decompressing.
"""

from __future__ import annotations

import hashlib
import struct
import sys
import threading
import zlib

import msgspec

from tunelake.domain.pages import Page

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_MAGIC = 0x184D2A54
_MARK = b"tlp1"
_FRAME = struct.Struct("<II4sI")  # magic, length of the content, mark, CRC of the rest of the content
_BODY = struct.Struct("<QI")  # length and CRC of the body's frame
HEAD_BYTES = _FRAME.size + _BODY.size
_SIGNATURE = struct.pack("<I", _MAGIC)
_MOST_META = 1 << 20  # a greater head is no head of ours
_OPTIONS: dict[int, int] = {
    int(zstd.CompressionParameter.compression_level): 1,
    # The head holds a checksum of the frame, which is much shorter than the body.
    int(zstd.CompressionParameter.checksum_flag): 0,
}

_encoder = msgspec.msgpack.Encoder()


class _Own(threading.local):
    """What each thread has of its own: to make a compressor costs a fifth of what it does for a page."""

    def __init__(self) -> None:
        self.compressor = zstd.ZstdCompressor(options=_OPTIONS)


_own = _Own()


class Meta(msgspec.Struct, frozen=True, kw_only=True):
    """What a record tells about its page.

    Attributes:
        page: The page with an empty body.
        body_hash: SHA-256 of the body, 64 hex digits.
        size: Length of the body in bytes.
    """

    page: Page
    body_hash: str
    size: int


_decoder = msgspec.msgpack.Decoder(Meta)


class Broken(ValueError):
    """A record that cannot be read; the message says in which way."""


class Short(Broken):
    """The bytes end before the record does."""


class Head(msgspec.Struct, frozen=True):
    """The start of a record: lengths of its two frames in bytes, and the body's CRC-32."""

    head_length: int
    body_length: int
    body_crc: int

    @property
    def length(self) -> int:
        """Length of the whole record in bytes."""
        return self.head_length + self.body_length


def tell(page: Page) -> Meta:
    """Say what the record of a page tells about it."""
    body_hash = hashlib.sha256(page.body).hexdigest()
    return Meta(page=msgspec.structs.replace(page, body=b""), body_hash=body_hash, size=len(page.body))


def encode(page: Page, told: Meta | None = None) -> bytes:
    """Write a page as one record.

    Args:
        page: The page.
        told: What `tell` says of it, where that is known already.
    """
    meta = _encoder.encode(told or tell(page))
    frame = _own.compressor.compress(page.body, zstd.ZstdCompressor.FLUSH_FRAME)
    rest = _BODY.pack(len(frame), zlib.crc32(frame)) + meta
    return _FRAME.pack(_MAGIC, len(rest) + 8, _MARK, zlib.crc32(rest)) + rest + frame


def head(buffer: bytes | memoryview) -> Head:
    """Read the lengths of a record from its first `HEAD_BYTES` bytes.

    Raises:
        Broken: These bytes do not start a record.
    """
    if len(buffer) < HEAD_BYTES:
        raise Short("the file ends inside a record")
    magic, size, mark, _ = _FRAME.unpack_from(buffer)
    if magic != _MAGIC or mark != _MARK or not 8 + _BODY.size <= size <= _MOST_META:
        raise Broken("no record starts here")
    length, crc = _BODY.unpack_from(buffer, _FRAME.size)
    return Head(8 + size, length, crc)


def meta(buffer: bytes | memoryview) -> Meta:
    """Read what a record tells about its page.

    Raises:
        Broken: The record's first frame is short or damaged.
    """
    lengths = head(buffer)
    if len(buffer) < lengths.head_length:
        raise Short("the file ends inside a record")
    rest = bytes(buffer[_FRAME.size : lengths.head_length])
    if zlib.crc32(rest) != _FRAME.unpack_from(buffer)[3]:
        raise Broken("the checksum of the record's head is wrong")
    try:
        return _decoder.decode(rest[_BODY.size :])
    except msgspec.DecodeError as error:
        raise Broken(f"the record's head cannot be read: {error}") from error


def check(record: bytes | memoryview) -> Head:
    """Check a whole record by its two checksums, without decompressing.

    Raises:
        Broken: It is short or damaged.
    """
    return _told(record)[1]


def decode(record: bytes | memoryview) -> tuple[Meta, bytes]:
    """Read a whole record: what it tells about its page, and the body.

    Raises:
        Broken: It is short or damaged.
    """
    told, lengths = _told(record)
    try:
        return told, zstd.decompress(record[lengths.head_length : lengths.length])
    except zstd.ZstdError as error:
        raise Broken(f"the record's body cannot be decompressed: {error}") from error


def _told(record: bytes | memoryview) -> tuple[Meta, Head]:
    """Read what a whole record tells, and check both its parts."""
    lengths = head(record)
    if len(record) < lengths.length:
        raise Short("the file ends inside a record")
    told = meta(record)
    if zlib.crc32(record[lengths.head_length : lengths.length]) != lengths.body_crc:
        raise Broken("the checksum of the record's body is wrong")
    return told, lengths


def find(buffer: bytes | memoryview, start: int) -> int:
    """Find where the next record may start at or after a place; -1 when nowhere."""
    data = bytes(buffer)
    at = data.find(_SIGNATURE, start)
    while at >= 0 and data[at + 8 : at + 12] != _MARK:
        at = data.find(_SIGNATURE, at + 1)
    return at


def with_body(page: Page, body: bytes) -> Page:
    """Return the page with its body."""
    return msgspec.structs.replace(page, body=body)
