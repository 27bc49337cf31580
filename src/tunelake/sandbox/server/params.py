"""Reading the parameters of a call, with the refusals of the real API."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal, get_args

import msgspec

from tunelake.sandbox.catalogue import AlbumGroup
from tunelake.sandbox.server.refusals import bad_request

BASE62_ID = re.compile(r"[0-9A-Za-z]{22}")
MARKET = re.compile(r"[A-Za-z]{2}")
MAX_OFFSET_OF_SEARCH = 1000

SearchType = Literal["album", "artist", "playlist", "track", "show", "episode", "audiobook"]
Params = Mapping[str, str]


class Span(msgspec.Struct, frozen=True):
    """Which part of a list is wanted.

    Attributes:
        shift: Added to the offset when reading the list, never shown: the list moved while the client paged.
    """

    offset: int
    limit: int
    shift: int = 0

    @property
    def start(self) -> int:
        """Where to read."""
        return max(0, self.offset + self.shift) if self.offset else 0


def entity_id(text: str) -> str:
    """An id as it stands in a path or a list.

    Raises:
        Refusal: It is not 22 characters of base 62.
    """
    if not BASE62_ID.fullmatch(text):
        raise bad_request("Invalid base62 id")
    return text


def id_list(params: Params, *, maximum: int) -> list[str]:
    """The parameter `ids`.

    Raises:
        Refusal: There is none, there are too many, or one is malformed.
    """
    ids = [text for text in params.get("ids", "").split(",") if text]
    if not ids:
        raise bad_request("Missing required field: ids")
    if len(ids) > maximum:
        raise bad_request("Too many ids requested")
    return [entity_id(text) for text in ids]


def span(params: Params, *, default: int, maximum: int, shift: int = 0) -> Span:
    """The parameters `limit` and `offset`.

    Raises:
        Refusal: One is not a number or out of its range.
    """
    limit = _number(params.get("limit"), default, "Invalid limit")
    offset = _number(params.get("offset"), 0, "Invalid offset")
    if not 1 <= limit <= maximum:
        raise bad_request("Invalid limit")
    return Span(offset, limit, shift)


def _number(text: str | None, default: int, complaint: str) -> int:
    if text is None or text == "":
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= 9):  # noqa: PLR2004  fits 32 bits
        raise bad_request(complaint)
    return int(text)


def market(params: Params) -> str | None:
    """The parameter `market` (`country` is its old name), in capitals.

    Raises:
        Refusal: It is not two letters.
    """
    text = params.get("market") or params.get("country")
    if not text or text == "from_token":
        return None
    if not MARKET.fullmatch(text):
        raise bad_request("Invalid market code")
    return text.upper()


def groups(params: Params) -> frozenset[str]:
    """The parameter `include_groups`; all groups when it is absent.

    Raises:
        Refusal: It names something that is no group.
    """
    known = get_args(AlbumGroup)
    wanted = frozenset(text for text in params.get("include_groups", "").split(",") if text)
    if not wanted <= frozenset(known):
        raise bad_request("Invalid include_groups")
    return wanted or frozenset(known)


def search_types(params: Params) -> list[str]:
    """The parameter `type` of a search.

    Raises:
        Refusal: It is absent or names something that cannot be searched.
    """
    types = [text for text in params.get("type", "").split(",") if text]
    if not types:
        raise bad_request("Missing parameter type")
    for text in types:
        if text not in get_args(SearchType):
            raise bad_request(f"Bad search type field {text}")
    return types
