"""The same home on any stores: the same answers, and never half of a set."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar
from urllib.request import urlopen

import msgspec
import pytest
from tests.journey.publish.conftest import FEW, MORE, Built

from tunelake.bootstrap import publishing
from tunelake.bootstrap.tunelake import Tunelake
from tunelake.publish.content import Changes
from tunelake.service.granian_server import running
from tunelake.service.litestar_app import create_app

T = TypeVar("T")
pytestmark = pytest.mark.slow


@pytest.fixture
def homes(built: Built, tmp_path: Path) -> tuple[Path, Path]:
    """Return a home of the few and one of all, which share one folder of names as machines share a store."""
    few, everybody = tmp_path / "few", tmp_path / "all"
    shutil.copytree(built.few, few)
    shutil.copytree(built.all, everybody)
    shutil.rmtree(few / "serving" / "names.tantivy")
    (few / "serving" / "names.tantivy").symlink_to(everybody / "serving" / "names.tantivy")
    return few, everybody


def test_any_stores_give_the_same_answers(built: Built, stores: dict[str, str], tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(built.few, home)
    with built.opened(home, {}) as here, built.opened(home, stores) as there:
        assert publishing.publish(there).rows == here.stores.catalogue.counts()
        again = publishing.publish(there).changes
        assert {name: again[name] for name in ("catalogue", "documents")} == {
            "catalogue": Changes(), "documents": Changes()
        }  # fmt: skip
        for question in (*FEW, "블랙핑크 좋아해", "nobody at all"):
            known = here.answerer(on_demand=False).ask(question)
            asked = there.answerer(on_demand=False).ask(question)
            assert (asked.kind, asked.text, asked.document) == (known.kind, known.text, known.document)
            assert asked.kind == "card" or question not in FEW, asked
        findings = publishing.check(there).findings
        assert len(findings) == (8 if stores["TUNELAKE_NAMES"] == "tantivy" else 7)
        assert all(one.agrees and one.expected == one.found > 0 for one in findings), findings
        with running(create_app(there.answerer())) as url:

            def over_http(route: str) -> dict[str, object]:
                with urlopen(f"{url}/api/{route}", timeout=120) as response:  # noqa: S310  (our own)
                    found: dict[str, object] = json.load(response)
                return found

            known = here.answerer(on_demand=False).ask(FEW[0])
            assert over_http(f"ask?q={FEW[0]}")["document"] == json.loads(msgspec.json.encode(known.document))
            new = over_http("ask?q=Radiohead")
            assert (new["kind"], new["collected_now"]) == ("card", True)
            assert "Radiohead" in json.dumps(over_http("search?q=radio"))


def test_killed_in_the_middle_each_store_has_one_set_or_the_other(
    built: Built, stores: dict[str, str], homes: tuple[Path, Path]
) -> None:
    few, everybody = homes
    with built.opened(few, stores) as before, built.opened(everybody, stores) as after:
        publishing.publish(before)
        # Half a transaction of PostgreSQL, and half of what Valkey stages, are cut in test_failing_stores.
        moment = "between" if "postgres" in stores["TUNELAKE_CATALOGUE_URL"] else "filling"
        ended = subprocess.run(
            [sys.executable, "-m", "tests.journey.publish.publisher", moment],
            env=built.environ(everybody, stores),
            timeout=120,
            check=False,
        )
        assert ended.returncode == -signal.SIGKILL
        old, new = publishing.check(before), publishing.check(after)
        found = {one.what for one in old.findings if one.agrees}
        switched = {one.what for one in new.findings if one.agrees}
        assert found | switched == {one.what for one in old.findings}
        assert switched == ({"documents"} if moment == "between" else set())
        publishing.publish(after)
        assert publishing.check(after).agrees


class Watching(threading.Thread):
    """Reads again and again what has to change at once; keeps each state that it saw."""

    def __init__(self, lake: Tunelake, others: list[str]) -> None:
        super().__init__()
        self.counts: list[tuple[int, ...]] = []
        self.documents: list[tuple[int, bool]] = []
        self._lake, self._others = lake, others
        self._enough = threading.Event()

    def run(self) -> None:
        while not self._enough.is_set():
            self.counts.append(tuple(self._lake.stores.catalogue.counts().values()))
            count = self._lake.stores.documents.count()
            self.documents.append((count, self._lake.stores.documents.get(self._others[-1]) is not None))

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Watch while something is done, and once more when it is."""
        self.start()
        try:
            yield
        finally:
            self._enough.set()
            self.join()


def test_who_reads_while_publishing_never_sees_half(
    built: Built, stores: dict[str, str], homes: tuple[Path, Path]
) -> None:
    few, everybody = homes
    with built.opened(few, stores) as before, built.opened(everybody, stores) as after:
        publishing.publish(before)
        was = tuple(before.stores.catalogue.counts().values())
        others = [found for name in MORE for found in _ids(built, name)]
        with built.opened(few, stores) as reading:
            watch = Watching(reading, others)
            with watch.watching():
                report = publishing.publish(after)
        now = tuple(report.rows.values())
        assert was != now
        assert _in_turn(watch.counts) in ([was], [was, now])
        seen = [count for count, _ in watch.documents]
        assert _in_turn(seen) in ([was[0]], [was[0], now[0]])
        assert len(watch.counts) > 1
        # Whoever sees the new count sees the new artists.
        assert all(there for count, there in watch.documents if count == now[0])


def _ids(built: Built, name: str) -> list[str]:
    with built.opened(built.all, {}) as lake:
        return lake.stores.finder.find(name.lower())


def _in_turn(states: Sequence[T]) -> list[T]:
    return [state for state, last in zip(states, [None, *states], strict=False) if state != last]
