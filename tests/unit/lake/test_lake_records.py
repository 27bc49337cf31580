from __future__ import annotations

import pytest
from tests.unit.lake.pages import make, reading

from tunelake.lake.landing import records


def test_a_record_gives_back_the_page() -> None:
    page = make(1, {"artists": [{"artist_id": "a"}]}, listing=reading("l", 0, offset=3))
    told, body = records.decode(records.encode(page))
    assert records.with_body(told.page, body) == page
    assert told.size == len(page.body)


def test_the_head_is_read_without_the_body() -> None:
    page = make(1, {"artists": [{"artist_id": "a"}]})
    record = records.encode(page)
    lengths = records.head(record)
    assert records.meta(record[: lengths.head_length]).page.page_id == page.page_id
    assert lengths.length == len(record)


@pytest.mark.parametrize("cut", [1, 20, 40, -1])
def test_a_short_record_is_broken(cut: int) -> None:
    with pytest.raises(records.Short):
        records.check(records.encode(make(1, {}))[:cut])


def test_each_changed_byte_is_noticed() -> None:
    record = records.encode(make(1, {}))
    for at in range(len(record)):
        changed = bytearray(record)
        changed[at] ^= 0x10
        with pytest.raises(records.Broken):
            records.check(bytes(changed))


def test_the_next_record_is_found_behind_garbage() -> None:
    record = records.encode(make(1, {}))
    signature = record[:4]
    assert records.find(b"xx" + signature + b"12345678" + record, 0) == 14
    assert records.find(b"nothing", 0) == -1
