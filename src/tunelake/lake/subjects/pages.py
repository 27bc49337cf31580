"""Which answers say something of somebody, and what is left of them. Pure."""

from __future__ import annotations

from urllib.parse import urlencode

import msgspec

from tunelake.domain.pages import Page
from tunelake.lake.subjects.bodies import without
from tunelake.lake.subjects.subject import Subject

OK = 200
ERASED = 204
"""Status of a page whose body was erased; as many bytes as 200 in the record."""
PERSONAL = frozenset({"user", "file", "known"})
"""Parameters that tell of a person."""


class Cut(msgspec.Struct, frozen=True):
    """What the index tells of an answer of which a part is left."""

    params: str
    body_hash: str


class Pages(msgspec.Struct, kw_only=True):
    """The answers that were erased, by their ids: as a whole, or in part."""

    gone: list[str] = []
    cut: dict[str, Cut] = {}


def rest(page: Page, subject: Subject) -> Page | None:
    """Take out of an answer what it says of somebody.

    Returns:
        The answer with body and parameters of the same length; the answer itself when it says nothing; None
        when nothing of it can stay.
    """
    if subject.kind == "source":
        return None if page.source == subject.source else page
    if subject.kind == "user" and page.source != subject.source:
        return page
    if subject.found_in(page.path) or _owns(page, subject):
        return None
    body = without(page, subject)
    if body is None:
        return None
    params = tuple((name, masked(value, subject, page.source)) for name, value in page.params)
    if body is page.body and params == page.params:
        return page
    return msgspec.structs.replace(page, body=body, params=params)


def nothing_of(page: Page, subject: Subject) -> Page:
    """Give a page that says nothing any more; it tells only that there was an answer."""
    params = tuple((name, masked(value, subject, page.source)) for name, value in page.params)
    personal = tuple((name, _dashes(value) if name in PERSONAL else value) for name, value in params)
    status = ERASED if page.status == OK else page.status
    path = masked(page.path, subject, page.source)
    return msgspec.structs.replace(page, body=b"", path=path, params=personal, status=status)


def index_of(page: Page, body_hash: str) -> Cut:
    """Tell what the index is to say of an answer."""
    return Cut(urlencode(page.params), body_hash)


def _owns(page: Page, subject: Subject) -> bool:
    if subject.kind == "user":
        return ("user", subject.asked) in page.params or f"/users/{subject.asked}/" in f"{page.path}/"
    parts = set(page.path.split("/"))
    return any(one in parts for _, source, one in subject.short if source == page.source)


def masked(value: str, subject: Subject, source: str) -> str:
    """Write dashes, as many as bytes, where a path or a parameter of an answer of a source names somebody."""
    if subject.kind == "source" or value in {*subject.names, *subject.made}:
        return _dashes(value)
    # The name of a user may be any word, that of a parameter's value among them.
    if (short := {one for _, of, one in subject.short if of == source}) and (
        subject.kind != "user" or "/" in value
    ):
        value = "/".join(_dashes(part) if part in short else part for part in value.split("/"))
    for one in subject.found_in(value):
        value = value.replace(one, _dashes(one))
    return value


def _dashes(text: str) -> str:
    return "-" * len(text.encode())
