"""An erased record is as long as it was, reads as a page, and says nothing any more."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunelake.domain.pages import Page
from tunelake.lake.landing import records
from tunelake.lake.landing.redaction import redacted
from tunelake.lake.subjects.pages import ERASED

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


def a_page(body: bytes, user: str, status: int = 200) -> Page:
    return Page(
        page_id="p" * 32,
        source="spotify",
        rights="owner",
        endpoint="upload/listens",
        path="/upload/listens",
        params=(("kind", "listens"), ("user", user)),
        status=status,
        fetched_at=datetime(2026, 1, 1, tzinfo=UTC),
        headers={},
        body=body,
    )


@given(body=st.binary(max_size=500), user=TEXT)
def test_it_keeps_its_place_and_loses_what_it_said(body: bytes, user: str) -> None:
    record = records.encode(a_page(body, user))
    erased = redacted(record)
    assert len(erased) == len(record)
    records.check(erased)
    meta, left = records.decode(erased)
    assert left == b""
    assert meta.page.status == ERASED
    assert dict(meta.page.params) == {"kind": "listens", "user": "-" * len(user.encode())}
    assert set(meta.body_hash) == {"0"}
    assert redacted(erased) == erased


def test_other_answers_keep_their_status() -> None:
    assert records.decode(redacted(records.encode(a_page(b"{}", "ann", 404))))[0].page.status == 404


def test_what_is_no_record_is_refused() -> None:
    with pytest.raises(records.Broken):
        redacted(b"no record" * 10)
