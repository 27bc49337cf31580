from __future__ import annotations

from msgspec.structs import replace

from tunelake.domain.cards import ArtistDocument
from tunelake.service import shelf as module
from tunelake.service.memory import MemoryCatalogue
from tunelake.service.shelf import Shelf


def card(number: int, name: str, *, collected: bool = True) -> ArtistDocument:
    return ArtistDocument(
        entity_id=f"a{number:016}", source="sandbox", artist_id=str(number), name=name, collected=collected
    )


def test_a_card_is_there_until_the_stores_have_it() -> None:
    stores = MemoryCatalogue([card(1, "Slow Lorry", collected=False)])
    shelf = Shelf(stores, stores)
    shelf.put([card(1, "Slow Lorry"), card(2, "Gravel Choir", collected=False)])
    assert shelf.get(card(1, "").entity_id) == card(1, "Slow Lorry"), "more is known than the store has"
    assert shelf.find("gravel choir") == [card(2, "").entity_id]
    assert [near.name for near in shelf.suggest("gravel")] == ["Gravel Choir"]
    stores.add(replace(card(1, "Slow Lorry"), popularity=7))
    told = shelf.get(card(1, "").entity_id)
    assert told is not None
    assert told.popularity == 7, "what is published goes before"
    shelf.published([card(2, "").entity_id])
    assert shelf.get(card(2, "").entity_id) is None
    assert (shelf.find("gravel choir"), shelf.suggest("gravel")) == ([], [])


def test_the_shelf_is_bounded() -> None:
    stores = MemoryCatalogue()
    shelf = Shelf(stores, stores)
    shelf.put(card(number, f"Artist {number}") for number in range(module.MOST + 1))
    assert shelf.get(card(0, "").entity_id) is None
    assert shelf.get(card(module.MOST, "").entity_id) is not None
