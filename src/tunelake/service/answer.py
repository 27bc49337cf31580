"""From a question to an answer: look it up, else have it collected, then say it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Literal

import msgspec

from tunelake.collect.match import Match
from tunelake.domain.cards import ArtistDocument
from tunelake.domain.names import fold
from tunelake.errors import ConfigError, Fatal, Retryable, TunelakeError
from tunelake.service import question, words
from tunelake.service.flight import SingleFlight
from tunelake.service.known import Known, about
from tunelake.service.messages import say
from tunelake.service.ports import Candidate, Collector, Documents, Names, Outcome
from tunelake.service.question import Language, Question
from tunelake.service.shelf import Shelf

_ID = re.compile(r"[0-9A-Za-z:_-]{8,64}")
"""What may be the id of an artist: who was shown several may ask again with the id of one."""

Kind = Literal["card", "ambiguous", "not_found", "parked", "help", "error"]


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What is said to a person.

    Attributes:
        text: One or two sentences, in `language`.
        asked: The name that was understood; empty when there was none.
        candidates: Who may have been meant: of an ambiguous name, or near an unknown one.
        suggestions: Names to try next.
        took_ms: Time from the question to the answer, in milliseconds.
        collected_now: True when the artist was collected to answer this question.
        why: Of each neighbour in `document`, in their order, the reasons in words, the strongest first.
        note: What to know about the figures, for example that the sandbox generated them.
        until: When to ask again (UTC), when parked and known.
    """

    kind: Kind
    language: Language
    text: str
    asked: str = ""
    document: ArtistDocument | None = None
    candidates: tuple[Candidate, ...] = ()
    suggestions: tuple[str, ...] = ()
    took_ms: float = 0.0
    collected_now: bool = False
    why: tuple[tuple[str, ...], ...] = ()
    note: str | None = None
    until: datetime | None = None


class Answerer:
    """Answers questions from the stores; safe to share between threads."""

    def __init__(
        self,
        documents: Documents,
        names: Names,
        collector: Collector | None = None,
        clock: Callable[[], float] = time.perf_counter,
        end: Callable[[], None] | None = None,
    ) -> None:
        """Bind the ports.

        Args:
            documents: Where an artist's document is read.
            names: Where an artist is found by name.
            collector: Collects artists nobody knows yet; None answers from the stores alone.
            clock: Seconds, for `Answer.took_ms`.
            end: Ends what goes on behind the answers.
        """
        self._shelf = Shelf(documents, names)
        self._meant = Known(self._shelf, self._shelf)
        self._collector = collector
        self._clock = clock
        self._end = end
        self._flight: SingleFlight[Outcome] = SingleFlight()

    def ask(self, text: str, language: Language | None = None) -> Answer:
        """Answer a message; an unknown artist is collected first, once however many ask.

        Args:
            text: What the person wrote; anything at all.
            language: To answer in; None answers in the language of the text.
        """
        start = self._clock()
        asked = self._understand(text, language)
        answer = self._known(asked) or self._collect(asked)
        return self._timed(answer, start)

    def known(self, text: str, language: Language | None = None) -> Answer | None:
        """Answer from the stores alone; None means that `ask` would collect first."""
        start = self._clock()
        asked = self._understand(text, language)
        answer = self._known(asked)
        if answer is None and self._collector is None:
            answer = self._collect(asked)
        return None if answer is None else self._timed(answer, start)

    def close(self) -> None:
        """Answer no more; what goes on behind the answers is ended."""
        if self._end is not None:
            self._end()

    def published(self, entity_ids: Iterable[str]) -> None:
        """Hear of artists that the stores have as they are now: no other card of theirs is shown."""
        self._shelf.published(entity_ids)

    def card(self, entity_id: str, language: Language = "en") -> Answer | None:
        """Answer with one artist's card; None when there is no such artist."""
        start = self._clock()
        document = self._shelf.get(entity_id)
        return None if document is None else self._timed(_card(document, language), start)

    def suggest(self, prefix: str, limit: int = 8) -> list[Candidate]:
        """Return artists for what a person has typed so far."""
        typed = fold(question.clean(prefix))
        found = self._shelf.suggest(typed, limit) if typed else []
        return [Candidate(name=near.name, entity_id=near.entity_id) for near in found]

    def documents_of(self, entity_ids: list[str]) -> list[ArtistDocument]:
        """Return the documents that exist, in the order asked."""
        return [document for entity_id in entity_ids if (document := self._shelf.get(entity_id))]

    def _understand(self, text: str, language: Language | None) -> Question:
        asked = question.ask(text)
        return msgspec.structs.replace(asked, language=language) if language else asked

    def _timed(self, answer: Answer, start: float) -> Answer:
        return msgspec.structs.replace(answer, took_ms=round((self._clock() - start) * 1000, 3))

    def _find(self, name: str) -> list[str]:
        return self._shelf.find(fold(name))

    def _known(self, asked: Question) -> Answer | None:
        if asked.kind in {"empty", "greeting", "help"}:
            namesakes = [self._candidate(i) for name in asked.names for i in self._find(name)]
            text = say(asked.kind, asked.language)
            return Answer(kind="help", language=asked.language, text=text, candidates=tuple(namesakes))
        for name in asked.names:
            document = self._shelf.get(name) if _ID.fullmatch(name) else None
            meant = None if document else self._meant.meant(name)
            if meant and meant.hit:
                document = self._shelf.get(meant.hit.id)
            elif meant and meant.candidates:
                return self._ambiguous(asked, name, _candidates(meant))
            if document is not None and (document.collected or self._collector is None):
                return _card(document, asked.language, asked=name)
        return None

    def _collect(self, asked: Question) -> Answer:
        if self._collector is None:
            return self._not_found(asked, say("unknown", asked.language, name=asked.searches[0]))
        near: dict[str, Candidate] = {}
        for name in asked.searches:
            outcome = self._collect_once(self._collector, name)
            self._shelf.put(outcome.ahead)
            document = self._shelf.get(outcome.entity_id) if outcome.entity_id else None
            if outcome.kind == "found" and document is not None:
                return _card(document, asked.language, asked=name, collected_now=outcome.asked_for)
            if outcome.kind != "not_found":
                return self._unfinished(asked, name, outcome)
            near.update({fold(candidate.name): candidate for candidate in outcome.candidates})
        text = say("not_found", asked.language, name=asked.searches[0])
        return self._not_found(asked, text, tuple(near.values()))

    def _collect_once(self, collector: Collector, name: str) -> Outcome:
        try:
            return self._flight.do(fold(name), lambda: collector.collect(name))
        except Retryable as error:
            return Outcome(kind="parked", message=str(error), until=error.until)
        except (ConfigError, Fatal):
            raise
        except TunelakeError as error:
            return Outcome(kind="failed", message=str(error))

    def _unfinished(self, asked: Question, name: str, outcome: Outcome) -> Answer:
        language = asked.language
        if outcome.kind == "ambiguous":
            return self._ambiguous(asked, name, list(outcome.candidates))
        if outcome.kind == "parked":
            text = _wait(name, outcome, language)
            return Answer(kind="parked", language=language, text=text, asked=name, until=outcome.until)
        reason = outcome.message or "it was collected but could not be read"
        return Answer(
            kind="error", language=language, text=say("error", language, name=name, reason=reason), asked=name
        )

    def _ambiguous(self, asked: Question, name: str, candidates: list[Candidate]) -> Answer:
        text = say("ambiguous", asked.language, name=name)
        return Answer(
            kind="ambiguous", language=asked.language, text=text, asked=name, candidates=tuple(candidates)
        )

    def _nearly(self, asked: Question) -> Answer | None:
        """A known artist whose name is a slip away from the one asked for."""
        for name in asked.searches:
            near = self._meant.near(name)
            document = self._shelf.get(near.hit.id) if near and near.hit else None
            if document is not None:
                card = _card(document, asked.language, asked=name)
                read = say("nearly", asked.language, name=name, meant=document.name)
                return msgspec.structs.replace(card, note="; ".join(filter(None, (read, card.note))))
        return None

    def _not_found(self, asked: Question, text: str, near: tuple[Candidate, ...] = ()) -> Answer:
        if nearly := self._nearly(asked):
            return nearly
        inside = [self._candidate(i) for span in asked.spans for i in self._find(span)][:5]
        candidates = tuple({c.entity_id or c.name: c for c in (*inside, *near)}.values())
        core = fold(asked.searches[0])
        close = self._shelf.suggest(core, 5) or self._shelf.suggest(core[: max(2, len(core) // 2)], 5)
        text = f"{text} {say('near', asked.language)}" if candidates or close else text
        return Answer(
            kind="not_found",
            language=asked.language,
            text=text,
            asked=asked.searches[0],
            candidates=candidates,
            suggestions=tuple(near.name for near in close),
        )

    def _candidate(self, entity_id: str) -> Candidate:
        document = self._shelf.get(entity_id)
        if document is None:
            return Candidate(name=entity_id, entity_id=entity_id)
        return Candidate(name=document.name, entity_id=entity_id, note=about(document) or None)


def _candidates(meant: Match) -> list[Candidate]:
    return [
        Candidate(name=one.name, entity_id=one.artist_id, note=one.about or None) for one in meant.candidates
    ]


def _wait(name: str, outcome: Outcome, language: Language) -> str:
    """Tell what is waited for: a source says until when, what is busy here only why."""
    if outcome.until is None and outcome.message:
        return say("busy", language, name=name, reason=outcome.message)
    text = say("parked", language, name=name)
    if outcome.until is not None:
        text += " " + say("until", language, time=f"{outcome.until:%Y-%m-%d %H:%M}")
    return text


def _card(
    document: ArtistDocument, language: Language, *, asked: str = "", collected_now: bool = False
) -> Answer:
    notes = [document.note] if document.note else []
    if document.source == "sandbox":
        notes.insert(0, say("sandbox", language))
    if not document.collected:
        notes.append(say("only_name", language))
    return Answer(
        kind="card",
        language=language,
        text=say("card", language, name=document.name),
        asked=asked or document.name,
        document=document,
        collected_now=collected_now,
        why=tuple(tuple(words.ranked(one, language)) for one in document.neighbours),
        note="; ".join(notes) or None,
    )
