"""Who is meant by 500 names: precision and recall of matching by class, over HTTP and among known artists.

Each line of the list says who is meant, or that it is unclear, or that there is nobody. *Precision* is the
share of the artists given that are the right ones; *recall* the share of the artists meant that are given.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from bench.harness import write

from tunelake.bootstrap.sandboxes import sandbox_catalogue, spawned_sandbox
from tunelake.domain.cards import ArtistDocument
from tunelake.sandbox.facts.read import read_facts
from tunelake.sandbox.ids import id_of
from tunelake.sandbox.open import open_world
from tunelake.service.answer import Answerer
from tunelake.service.memory import MemoryCatalogue
from tunelake.settings import Secret

LIST = Path(__file__).resolve().parents[1] / "tests" / "assets" / "names.tsv"
ARTISTS, SEED = 2000, 1


class Line(NamedTuple):
    """A name as typed, what is special about it, and what should become of it.

    Attributes:
        outcome: "found", "ambiguous", "not_found", or "nobody" for either of these two.
        ids: Who is meant, or between whom it is unclear.
    """

    kind: str
    text: str
    outcome: str
    ids: tuple[str, ...]


class Got(NamedTuple):
    """What became of a name; `artist_id` is empty unless found."""

    outcome: str
    artist_id: str = ""


class Score(NamedTuple):
    """How well a class of names did: lines, as they should be, artists given, of them right, meant."""

    lines: int
    as_meant: int
    given: int
    right: int
    meant: int

    @property
    def precision(self) -> float:
        """The share of the artists given that are right."""
        return self.right / self.given if self.given else 1.0

    @property
    def recall(self) -> float:
        """The share of the artists meant that are given."""
        return self.right / self.meant if self.meant else 1.0


def read_list() -> list[Line]:
    return list(_lines(LIST.read_text(encoding="utf-8").splitlines()[1:]))


def _lines(rows: Iterable[str]) -> Iterator[Line]:
    for row in rows:
        kind, text, times, outcome, ids, _ = row.split("\t")
        yield Line(kind, json.loads(text) * int(times), outcome, tuple(ids.split()))


def scores(lines: Sequence[Line], got: Sequence[Got]) -> dict[str, Score]:
    """Score each class, and all."""
    kinds = dict.fromkeys(line.kind for line in lines)
    pairs = list(zip(lines, got, strict=True))
    found = {kind: _score([pair for pair in pairs if pair[0].kind == kind]) for kind in kinds}
    return found | {"all": _score(pairs)}


def _score(pairs: Sequence[tuple[Line, Got]]) -> Score:
    return Score(
        lines=len(pairs),
        as_meant=sum(is_as_meant(line, one) for line, one in pairs),
        given=sum(one.outcome == "found" for _, one in pairs),
        right=sum(line.outcome == "found" and is_as_meant(line, one) for line, one in pairs),
        meant=sum(line.outcome == "found" for line, _ in pairs),
    )


def is_as_meant(line: Line, got: Got) -> bool:
    if line.outcome == "nobody":
        return got.outcome != "found"
    return got.outcome == line.outcome and (got.outcome != "found" or (got.artist_id,) == line.ids)


def by_collecting(lines: Sequence[Line], settings: Mapping[str, object]) -> list[Got]:
    """Collect the list from a running sandbox, as the command does it."""
    environ = {f"TUNELAKE_{name.upper()}": _plain(value) for name, value in settings.items()}
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "tunelake", "collect", "artists", "--names", "-", "--json"]
        done = subprocess.run(
            command,
            input="\n".join(line.text for line in lines).encode(),
            env=os.environ | environ | {"TUNELAKE_HOME": folder},
            capture_output=True,
            check=True,
        )
    wants = json.loads(done.stdout)["wants"]
    states = {"fetched": "found", "unchanged": "found"}
    return [Got(states.get(want["state"], want["state"]), want["artist_id"] or "") for want in wants]


def _plain(value: object) -> str:
    return value.reveal() if isinstance(value, Secret) else str(value)


def by_asking(lines: Sequence[Line]) -> list[Got]:
    """Ask for each among artists that are all known, with their other names; nothing is collected."""
    answerer = Answerer(*_known())
    got = []
    for line in lines:
        answer = answerer.ask(line.text)
        outcome = {"card": "found", "ambiguous": "ambiguous"}.get(answer.kind, "not_found")
        got.append(Got(outcome, answer.document.entity_id if answer.document else ""))
    return got


def _known() -> tuple[MemoryCatalogue, MemoryCatalogue]:
    catalogue = sandbox_catalogue(artists=ARTISTS, seed=SEED, directory=None)
    ids = [id_of("fact", "artist", fact.name) for fact in read_facts()]
    ids += [one for one, _ in open_world(artists=ARTISTS, seed=SEED).truth()]
    known = MemoryCatalogue(
        ArtistDocument(
            entity_id=one.id,
            artist_id=one.id,
            name=one.name,
            aliases=one.aliases,
            popularity=one.popularity,
            source="sandbox",
        )
        for one in map(catalogue.artist, ids)
        if one
    )
    return known, known


def told(score: Score) -> list[str]:
    """Precision, recall, and the share of names that ended as they should."""
    return [f"{score.precision:.1%}", f"{score.recall:.1%}", f"{score.as_meant / score.lines:.1%}"]


def main() -> None:
    lines = read_list()
    with spawned_sandbox(artists=ARTISTS, seed=SEED) as settings:
        collected = scores(lines, by_collecting(lines, settings))
    asked = scores(lines, by_asking(lines))
    rows = [[kind, str(one.lines), *told(one), *told(asked[kind])] for kind, one in collected.items()]
    headers = ["class", "names", "precision", "recall", "as meant", "ask: precision", "recall", "as meant"]
    note = (
        "Collected over HTTP from a sandbox; asked among the same artists, all known with their other names."
    )
    write("names", "Who is meant by 500 names", headers, rows, note)


if __name__ == "__main__":
    main()
