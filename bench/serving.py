"""What a reader waits for: an artist's card by id in each store, and a name with a slip among a million."""

from __future__ import annotations

import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from bench.harness import contest, counted, play, tell, write

from tunelake.domain.cards import ArtistDocument, Neighbour, Reason, Receipt, Release, TopTrack
from tunelake.domain.names import fold
from tunelake.publish.names import named
from tunelake.publish.ports import DocumentStore
from tunelake.publish.tantivy_index import TantivyNames

ARTISTS = 1_000_000  # names searched
CARDS = {"LMDB": 100_000, "Valkey": 20_000, "DynamoDB Local": 2_000}
READS = 3_000
SLIPS = 2_000


def card(number: int) -> ArtistDocument:
    """A card of the usual size: ten songs, twenty albums, ten neighbours with reasons."""
    reason = Reason(channel="sound", score=0.5, facts=("energy", "danceability", "loudness"))
    return ArtistDocument(
        entity_id=f"a{number:016x}",
        source="sandbox",
        artist_id=f"{number:022d}",
        name=f"Artist {number}",
        genres=("k-pop", "pop"),
        popularity=number % 100,
        features={"energy": 0.5, "danceability": 0.25, "loudness": -7.5},
        top_tracks=tuple(
            TopTrack(track_id=f"{number}-{at}", name=f"Song {at}", rank=at, year=2020, duration_ms=200_000)
            for at in range(10)
        ),
        releases=tuple(
            Release(album_id=f"{number}-{at}", name=f"Album {at}", kind="album", date="2020-01-01")
            for at in range(20)
        ),
        neighbours=tuple(
            Neighbour(
                entity_id=f"a{(number + at) % 1000:016x}", name=f"Artist {at}", rank=at, score=0.5,
                distance=0.1, reasons=(reason, reason),
            )
            for at in range(1, 11)
        ),
        receipt=Receipt(
            source="sandbox", rights="all", observed_at=datetime(2026, 1, 1, tzinfo=UTC), page_id="p" * 32
        ),
    )  # fmt: skip


class Cards:
    """Cards that can be gone through more than once."""

    def __init__(self, count: int) -> None:
        self._count = count

    def __iter__(self) -> Iterator[ArtistDocument]:
        return map(card, range(self._count))


@contextmanager
def lmdb() -> Iterator[DocumentStore]:
    from tunelake.publish.lmdb_store import LmdbDocuments

    with tempfile.TemporaryDirectory() as folder:
        yield LmdbDocuments(Path(folder))


@contextmanager
def valkey() -> Iterator[DocumentStore]:
    from tests.servers.valkey import valkey_server

    from tunelake.publish.valkey_store import ValkeyDocuments

    with valkey_server() as server:
        yield ValkeyDocuments(server.new_database())


@contextmanager
def dynamodb() -> Iterator[DocumentStore]:
    from tests.servers.dynamodb import dynamodb_server

    from tunelake.publish.dynamodb_store import DynamodbDocuments

    with dynamodb_server() as server:
        os.environ.update(server.new_environ())
        yield DynamodbDocuments("dynamodb://cards")


def reads(name: str, opened: Callable[[], AbstractContextManager[DocumentStore]]) -> None:
    """Read random cards; tell the median and the 99th of a hundred, in microseconds."""
    count = CARDS[name]
    with opened() as store:
        with store.replacing(Cards(count), count):
            pass
        chosen = [f"a{number:016x}" for number in random.Random(1).choices(range(count), k=READS)]
        with counted() as cost:
            took = timed(store.get, chosen)
        assert store.get(chosen[0]) is not None
        tell(cost, READS, **told(took))
        store.close()


def names(folder: str, of: str) -> None:
    """Look names up, slipped, by their beginning or as they are."""
    index = TantivyNames(Path(folder))
    chance = random.Random(2)
    people = [(number, fold(name)) for number, name in people_of(chance.sample(range(ARTISTS), k=SLIPS))]
    typed = [{"slip": slip(name, chance), "beginning": name[:5]}.get(of, name) for _, name in people]
    looks: dict[str, Callable[[str], object]] = {"slip": index.near, "beginning": index.suggest}
    look = looks.get(of, index.find)
    for text in typed[:100]:
        look(text)
    with counted() as cost:
        took = timed(look, typed)
    hits = sum(
        f"a{number:016x}" in index.near(text, 10) for (number, _), text in zip(people, typed, strict=True)
    )
    tell(cost, SLIPS, hit=hits / SLIPS, **told(took))


def slip(name: str, chance: random.Random) -> str:
    """One letter too few, too many, another, or two that changed places."""
    at = chance.randrange(len(name))
    letter = chance.choice(name.replace(" ", "") or name)
    swapped = name[:at] + name[at + 1 : at + 2] + name[at : at + 1] + name[at + 2 :]
    made = (name[:at] + name[at + 1 :], name[:at] + letter + name[at:], name[:at] + letter + name[at + 1 :])
    return chance.choice((*made, swapped)) or name


def people_of(numbers: Iterable[int]) -> Iterator[tuple[int, str]]:
    """The names of artists of the generated world, in many scripts."""
    from tunelake.sandbox.world.codes import Codes
    from tunelake.sandbox.world.population import Population

    population = Population(size=ARTISTS, seed=7, codes=Codes(7))
    for number in numbers:
        yield number, population.artist(number).name


def timed(look: Callable[[str], object], asked: Sequence[str]) -> list[float]:
    """Seconds of each call, one after the other."""
    took = []
    for one in asked:
        start = time.perf_counter()
        look(one)
        took.append(time.perf_counter() - start)
    return took


def told(took: list[float]) -> dict[str, float]:
    ordered = sorted(took)
    return {"p50_us": statistics.median(ordered) * 1e6, "p99_us": ordered[int(len(ordered) * 0.99)] * 1e6}


def compare() -> None:
    stores = contest("bench.serving", list(CARDS), rounds=5)
    with tempfile.TemporaryDirectory() as folder:
        print(f"  an index of {ARTISTS:,} names", file=sys.stderr)
        profiles = (
            {
                "entity_id": f"a{number:016x}",
                "name": name,
                "aliases": (),
                "popularity": 100 - number * 100 // ARTISTS,
            }
            for number, name in people_of(range(ARTISTS))
        )
        with (
            counted() as build,
            TantivyNames(Path(folder)).replacing(
                one for profile in profiles for one in named(profile, collected=True)
            ),
        ):
            pass
        size = sum(file.stat().st_size for file in Path(folder).rglob("*") if file.is_file())
        found = {
            of: contest("bench.serving", ["names"], rounds=5, arguments=(folder, of))["names"]
            for of in ("slip", "exact", "beginning")
        }
    rows = [
        [
            f"card by id, {name} ({CARDS[name]:,})",
            us(figures["p50_us"]),
            us(figures["p99_us"]),
            us(figures["cpu"] * 1e6),
            "",
        ]
        for name, figures in stores.items()
    ]
    meaning = {"slip": "name with a slip", "exact": "name as it is", "beginning": "first five letters"}
    rows += [
        [
            f"{meaning[of]}, {ARTISTS:,}",
            us(figures["p50_us"]),
            us(figures["p99_us"]),
            us(figures["cpu"] * 1e6),
            f"{figures['hit']:.4f}" if of == "slip" else "",
        ]
        for of, figures in found.items()
    ]
    write(
        "serving",
        "Serving: what a reader waits for",
        ["asked", "p50 us", "p99 us", "CPU us", "hit@10"],
        rows,
        f"The index of {ARTISTS:,} names took {build.cpu:.0f} s of CPU and holds {size / 1e6:.0f} MB. "
        "A slip is one letter too few, too many, another, or two that changed places, in any script.",
    )


def us(figure: float) -> str:
    return f"{figure:.0f}"


if __name__ == "__main__":
    play(
        {
            "LMDB": lambda: reads("LMDB", lmdb),
            "Valkey": lambda: reads("Valkey", valkey),
            "DynamoDB Local": lambda: reads("DynamoDB Local", dynamodb),
            "names": names,
        },
        compare,
    )
