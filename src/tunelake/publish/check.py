"""Whether the stores still hold what the marts say: counts and content, artist by artist."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping

import msgspec

from tunelake.mart.ports import Engine
from tunelake.publish.chosen import Chosen
from tunelake.publish.content import hash_of, parts
from tunelake.publish.documents import encoded
from tunelake.publish.names import by_artist
from tunelake.publish.ports import CatalogueStore, DocumentStore, NameIndex
from tunelake.publish.schema import TABLES

NAMED = 5  # artists of a difference that are named


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One store, or one table of the catalogue, beside the marts.

    Attributes:
        what: "documents", "names" or "catalogue.TABLE".
        expected: Artists in the marts.
        found: Artists in the store.
        missing: Those the store lacks.
        left_over: Those the store has and the marts have not.
        different: Those whose content differs.
    """

    what: str
    expected: int
    found: int
    missing: tuple[str, ...] = ()
    left_over: tuple[str, ...] = ()
    different: tuple[str, ...] = ()

    @property
    def agrees(self) -> bool:
        """True when nothing differs."""
        return not (self.missing or self.left_over or self.different)

    @property
    def told(self) -> str:
        """What differs, naming the first few."""
        kinds = {"missing": self.missing, "left over": self.left_over, "different": self.different}
        return "; ".join(
            f"{len(ids):,} {kind}: {', '.join(ids[:NAMED])}{', ...' if len(ids) > NAMED else ''}"
            for kind, ids in kinds.items()
            if ids
        )


class CheckReport(msgspec.Struct, frozen=True, kw_only=True):
    """What a check of all stores found."""

    findings: tuple[Finding, ...]
    seconds: float

    @property
    def agrees(self) -> bool:
        """True when every store holds what the marts say."""
        return all(finding.agrees for finding in self.findings)


def check_published(
    engine: Engine,
    catalogue: CatalogueStore,
    store: DocumentStore,
    market: str = "US",
    clock: Callable[[], float] = time.perf_counter,
    names: NameIndex | None = None,
) -> CheckReport:
    """Read every store whole and compare it with the marts; nothing is changed.

    Arguments and errors are those of `run.publish_all`.
    """
    start = clock()
    chosen = Chosen(engine, None, market)
    wanted = ((document.entity_id, hash_of(encoded(document))) for document in chosen)
    findings = [_compared("documents", wanted, store.hashes())]
    if names is not None:
        led = ((entity_id, hash_) for entity_id, _, hash_ in by_artist(chosen.names()))
        findings.append(_compared("names", led, names.hashes()))
    rows = chosen.rows()
    for table in TABLES:
        place = table.names.index("entity_id")
        expected = ((part.entity_id, part.hash) for part in parts(rows[table.name], place))
        findings.append(_compared(f"catalogue.{table.name}", expected, catalogue.hashes(table.name)))
    return CheckReport(findings=tuple(findings), seconds=clock() - start)


def _compared(what: str, expected: Iterable[tuple[str, str]], found: Iterable[tuple[str, str]]) -> Finding:
    return _differing(what, dict(expected), dict(found))


def _differing(what: str, wanted: Mapping[str, str], there: Mapping[str, str]) -> Finding:
    return Finding(
        what=what,
        expected=len(wanted),
        found=len(there),
        missing=tuple(sorted(wanted.keys() - there.keys())),
        left_over=tuple(sorted(there.keys() - wanted.keys())),
        different=tuple(sorted(one for one, hash_ in wanted.items() if there.get(one, hash_) != hash_)),
    )
