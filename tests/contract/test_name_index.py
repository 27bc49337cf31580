"""Every search for names keeps the same promises; what forgives slips forgives them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from tunelake.domain.names import fold
from tunelake.errors import Fatal
from tunelake.publish.content import Changes
from tunelake.publish.memory_store import MemoryNames
from tunelake.publish.names import Named, named
from tunelake.publish.ports import NameIndex
from tunelake.publish.tantivy_index import TantivyNames

Opened = Callable[[], NameIndex]


@pytest.fixture(params=["memory", "tantivy"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Opened:
    memory = MemoryNames()
    return lambda: memory if request.param == "memory" else TantivyNames(tmp_path / "names")


@pytest.fixture
def store(opened: Opened) -> Iterator[NameIndex]:
    made = opened()
    yield made
    made.close()


@pytest.fixture
def forgiving(tmp_path: Path) -> TantivyNames:
    return TantivyNames(tmp_path / "names")


def artist(
    entity_id: str, name: str, *aliases: str, popularity: int | None = None, collected: bool = True
) -> list[Named]:
    profile = {"entity_id": entity_id, "name": name, "aliases": aliases, "popularity": popularity}
    return named(profile, collected=collected)


def put(store: NameIndex, *artists: list[Named]) -> Changes:
    with store.replacing(name for one in artists for name in one) as changes:
        pass
    return changes


def found(store: NameIndex, typed: str) -> list[str]:
    return [near.name for near in store.suggest(fold(typed))]


def test_an_empty_index_finds_nothing(store: NameIndex) -> None:
    assert (store.find("x"), store.suggest("x"), store.near("x"), list(store.hashes())) == ([], [], [], [])


def test_only_what_differs_is_written_and_what_left_is_gone(store: NameIndex) -> None:
    one, two, three = artist("a1", "One"), artist("a2", "Two"), artist("a3", "Three")
    told = [put(store, one, two), put(store, one, two), put(store, artist("a2", "Zwei"), three)]
    assert [(changes.written, changes.removed) for changes in told] == [(2, 0), (0, 0), (2, 1)]
    assert [store.find(name) for name in ("one", "two", "zwei", "three")] == [[], [], ["a2"], ["a3"]]


def test_a_failure_keeps_the_set_before(store: NameIndex) -> None:
    def failing() -> Iterable[Named]:
        yield from artist("a2", "Two")
        raise Fatal("the mart broke")

    put(store, artist("a1", "One"))
    with pytest.raises(Fatal, match="the mart broke"), store.replacing(failing()):
        pass
    with pytest.raises(Fatal, match="another store"), store.replacing(artist("a2", "Two")):
        raise Fatal("another store broke")
    assert (store.find("one"), store.find("two")) == (["a1"], [])
    assert put(store, artist("a1", "One")) == Changes()


def test_readers_see_the_set_before_until_the_new_one_is_whole(opened: Opened) -> None:
    store, reader = opened(), opened()
    put(store, artist("a1", "One"))
    with store.replacing(artist("a2", "Two")):
        assert (reader.find("one"), reader.find("two")) == (["a1"], [])
    assert (reader.find("one"), reader.find("two")) == ([], ["a2"])


def test_some_artists_are_replaced_added_and_removed_others_stay(store: NameIndex) -> None:
    put(store, artist("a1", "One"), artist("a2", "Two"), artist("a3", "Three"))
    store.replace_artists(["a1", "a2"], artist("a2", "Zwei"))
    assert [store.find(name) for name in ("one", "two", "zwei", "three")] == [[], [], ["a2"], ["a3"]]
    assert put(store, artist("a2", "Zwei"), artist("a3", "Three")) == Changes()


def test_what_was_published_is_there_after_opening_again(opened: Opened) -> None:
    first = opened()
    put(first, artist("a1", "One"))
    before = dict(first.hashes())
    first.close()
    assert (opened().find("one"), dict(opened().hashes())) == (["a1"], before)


SLIPS = {
    "Radiohead": ("Radiohaed", "Radioead", "Radioheadd", "Rqdiohead", "radio head"),
    "방탄소년단": ("방턴소년단", "방탄소년", "방탄소년담", "방탄 소년단"),
    "에스파": ("애스파", "에스파파"),
    "米津玄師": ("米津玄", "米津師玄"),
    "Björk Guðmundsdóttir": ("bjork gudmundsdotir", "gudmundsdottir bjork"),
    "Florence + the Machine": ("florence and the machne", "florenc the machine"),
}


@pytest.mark.parametrize(("name", "typed"), [(name, typed) for name, all_ in SLIPS.items() for typed in all_])
def test_a_slip_is_forgiven(forgiving: TantivyNames, name: str, typed: str) -> None:
    names = [*SLIPS, "Radio", "소년", "Machine", "Spare Name"]
    put(forgiving, *(artist(f"a{number}", one) for number, one in enumerate(names)))
    assert forgiving.near(fold(typed))[:1] == [f"a{names.index(name)}"]
    assert name in found(forgiving, typed)
    assert forgiving.near(fold("quite another")) == []


def test_the_nearest_comes_first_then_the_popular(forgiving: TantivyNames) -> None:
    put(
        forgiving,
        artist("a1", "Nirvana", popularity=10),
        artist("a2", "Nirvanas", popularity=90),
        artist("a3", "Nirvanna", popularity=50),
    )
    assert forgiving.near("nirvanas") == ["a2", "a1", "a3"]
    assert forgiving.near("nirvaba")[0] == "a1"


def test_an_index_that_lost_its_book_is_written_anew(tmp_path: Path) -> None:
    store = TantivyNames(tmp_path)
    put(store, artist("a1", "One"))
    next(tmp_path.rglob("published")).unlink()
    assert put(store, artist("a2", "Two")).written == 1
    assert (store.find("one"), store.find("two")) == ([], ["a2"])


def test_a_damaged_index_says_what_to_do(tmp_path: Path) -> None:
    store = TantivyNames(tmp_path)
    put(store, artist("a1", "One"))
    next(tmp_path.rglob("meta.json")).write_text("{")
    with pytest.raises(Fatal, match="remove it and run `tunelake publish`"):
        TantivyNames(tmp_path).find("one")


def test_what_was_taken_away_leaves_nothing(store: NameIndex, tmp_path: Path) -> None:
    put(store, artist("gone-artist", "Uno"), artist("a2", "Due"))
    store.replace_artists(["gone-artist"], [])
    store.scrub()
    kept = b"\n".join(store.texts())
    assert b"Due" in kept
    files = b"\n".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert not [word for word in (b"gone-artist", b"Uno") if word in kept + files]
    assert store.find("due") == ["a2"]
