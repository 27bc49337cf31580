"""Brings ledgers up to the landing log, where a process ended between landing and taking note."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice

from tunelake.collect.batch import KINDS
from tunelake.collect.known import SERVER, name_on
from tunelake.collect.ports import Answered, Landed, Ledger
from tunelake.collect.recovery.restore import Told, told_by
from tunelake.collect.voice import Voice
from tunelake.domain.pages import Page
from tunelake.sources.request import Request

AT_ONCE = 200


def recover(
    ledger_of: Callable[[str], Ledger],
    voices: Sequence[Voice],
    pages: Iterable[Landed],
    *,
    wants: bool = False,
    progress: Callable[[int], None] | None = None,
) -> int:
    """Tell ledgers of landed pages that they do not know of.

    Args:
        ledger_of: Opens the ledger of a server.
        voices: The sources whose ledgers are told.
        pages: In the order they landed; of any source.
        wants: Restore also which names were asked for: for a ledger that lost everything.
        progress: Called with the pages read so far.

    Returns:
        How many pages they did not know of.
    """
    by_server = {voice.base: voice for voice in voices}
    waiting = iter(pages)
    found = read = 0
    while some := [landed.page for landed in islice(waiting, AT_ONCE)]:
        for server, of_server in _by_server(some, by_server).items():
            found += _some(ledger_of(server), by_server[server], of_server, wants=wants)
        read += len(some)
        if progress:
            progress(read)
    return found


def _by_server(pages: Iterable[Page], voices: Mapping[str, Voice]) -> dict[str, list[Page]]:
    found: dict[str, list[Page]] = {}
    for page in pages:
        server = page.headers.get(SERVER, "")
        if server in voices:
            found.setdefault(server, []).append(page)
    return found


def _some(ledger: Ledger, voice: Voice, pages: list[Page], *, wants: bool) -> int:
    names = [name_on(voice.base, Request(page.endpoint, page.path, page.params)) for page in pages]
    known = ledger.answered(names)
    told: list[Told] = []
    for name, page in zip(names, pages, strict=True):
        # A batch may be known without its parts: the process ended between the two.
        is_batch = page.endpoint in KINDS
        if name in known and known[name].fetched_at >= page.fetched_at and not is_batch:
            continue
        one = told_by(page, voice, known)
        if one:
            known[name] = one.answers[0]
            told.append(one)
    answers = {answer.fingerprint: answer for one in told for answer in one.answers}
    ledger.record(_newer(ledger, answers))
    ledger.see([seen for one in told for seen in one.sights])
    if wants:
        _restore_wants(ledger, told)
    return len(told)


def _newer(ledger: Ledger, answers: dict[str, Answered]) -> list[Answered]:
    """Those that are not older than what the ledger knows."""
    known = ledger.answered(list(answers))
    return [
        answer
        for name, answer in answers.items()
        if name not in known or known[name].fetched_at < answer.fetched_at
    ]


def _restore_wants(ledger: Ledger, told: list[Told]) -> None:
    for one in told:
        if one.want:
            ledger.put_wants([one.want], one.answers[0].fetched_at)
