from __future__ import annotations

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from tunelake.domain.cards import ArtistDocument
from tunelake.errors import ConfigError, Fatal, Retryable
from tunelake.publish.lmdb_store import LmdbDocuments
from tunelake.publish.sqlalchemy_store import SqlCatalogue
from tunelake.service import invented
from tunelake.service.answer import Answerer
from tunelake.service.memory import MemoryCatalogue, MemoryCollector
from tunelake.service.ports import Candidate, Outcome
from tunelake.service.question import Language

UNTIL = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def fresh(name: str) -> ArtistDocument:
    return ArtistDocument(entity_id="a" + "f" * 16, source="sandbox", artist_id="new", name=name)


@pytest.fixture
def catalogue() -> MemoryCatalogue:
    return MemoryCatalogue(invented.artists())


def answerer(catalogue: MemoryCatalogue, outcome: Outcome | Exception | None = None) -> Answerer:
    def find(_name: str) -> Outcome:
        if isinstance(outcome, Exception):
            raise outcome
        assert outcome is not None
        return outcome

    collector = None if outcome is None else MemoryCollector(catalogue, find)
    return Answerer(catalogue, catalogue, collector)


@pytest.mark.parametrize(
    "text", ["달빛정거장 좋아해", "moonlight station", "MLST", "I like Moonlight Station!"]
)
def test_a_known_artist_is_answered_with_the_card(catalogue: MemoryCatalogue, text: str) -> None:
    answer = answerer(catalogue).ask(text)

    assert answer.kind == "card"
    assert answer.document is not None
    assert answer.document.name == "달빛정거장"
    assert not answer.collected_now
    assert answer.note is not None
    assert answer.took_ms >= 0


@pytest.mark.parametrize(("language", "part"), [("ko", "[가-힣]"), ("en", "^[ -~]+$")])
def test_reasons_are_told_in_words_of_the_language(
    catalogue: MemoryCatalogue, language: Language, part: str
) -> None:
    answer = answerer(catalogue).ask("Moonlight Station", language)
    assert answer.document is not None
    assert len(answer.why) == len(answer.document.neighbours) > 0
    for near, why in zip(answer.document.neighbours, answer.why, strict=True):
        assert len(why) == len(near.reasons) > 0
    assert re.search(part, answer.why[0][0])


@pytest.mark.parametrize("name", ["Tidewater Clocks", "the tidewater clocks", "marta and the long division"])
def test_articles_and_spelling_do_not_matter(catalogue: MemoryCatalogue, name: str) -> None:
    assert answerer(catalogue).ask(name).kind == "card"


def test_a_name_of_two_artists_is_ambiguous(catalogue: MemoryCatalogue) -> None:
    namesake = msgspec.structs.replace(fresh("s!lt"), genres=("mud rock",), country="NZ")
    catalogue.add(namesake)

    answer = answerer(catalogue).ask("S!LT")

    assert answer.kind == "ambiguous"
    assert {candidate.name for candidate in answer.candidates} == {"S!lt", "s!lt"}
    assert "mud rock, NZ" in {candidate.note for candidate in answer.candidates}


def test_an_unknown_artist_is_collected_and_then_answered(catalogue: MemoryCatalogue) -> None:
    collector = MemoryCollector(catalogue, fresh)
    service = Answerer(catalogue, catalogue, collector)

    assert service.known("새벽도서관 노래 추천해줘") is None
    answer = service.ask("새벽도서관 노래 추천해줘")

    assert collector.asked == ["새벽도서관"]
    assert answer.kind == "card"
    assert answer.collected_now
    assert answer.document == fresh("새벽도서관")
    assert service.ask("새벽도서관").collected_now is False


def test_an_artist_known_by_name_alone_is_collected(catalogue: MemoryCatalogue) -> None:
    bare = msgspec.structs.replace(fresh("Echo Ferry"), collected=False)
    catalogue.add(bare)
    service = Answerer(catalogue, catalogue, MemoryCollector(catalogue, fresh))

    answer = service.ask("Echo Ferry")

    assert answer.collected_now
    assert answer.document == fresh("Echo Ferry")


def test_many_askers_share_one_collection(catalogue: MemoryCatalogue) -> None:
    everyone = threading.Barrier(20)
    waiting = threading.Event()

    def slow(name: str) -> ArtistDocument:
        waiting.wait(5)
        return fresh(name)

    collector = MemoryCollector(catalogue, slow)
    service = Answerer(catalogue, catalogue, collector)

    def ask(text: str) -> str:
        everyone.wait(5)
        return service.ask(text).kind

    with ThreadPoolExecutor(20) as pool:
        asked = [pool.submit(ask, text) for text in ["New Harbour", "new harbour"] * 10]
        while not collector.asked:
            pass
        waiting.set()
        kinds = {future.result() for future in asked}

    assert kinds == {"card"}
    # Both spellings fold to one name; nobody came so late that the store did not know it.
    assert len(collector.asked) == 1


@pytest.mark.parametrize(
    ("outcome", "kind", "said"),
    [
        (Outcome(kind="parked", until=UNTIL), "parked", "2026-11-22 12:00"),
        (Retryable("wait", UNTIL), "parked", "2026-11-22 12:00"),
        (Retryable("another run builds the marts"), "parked", "has to wait a little: another run builds"),
        (Outcome(kind="failed", message="the server is not there"), "error", "the server is not there"),
        (Outcome(kind="not_found"), "not_found", "Zanzibar Owls"),
    ],
)
def test_what_collecting_came_to_is_said(
    catalogue: MemoryCatalogue, outcome: Outcome | Exception, kind: str, said: str
) -> None:
    answer = answerer(catalogue, outcome).ask("Zanzibar Owls")

    assert answer.kind == kind
    assert said in answer.text


@pytest.mark.parametrize("error", [Fatal("the disk is full"), ConfigError("no client id is set")])
def test_what_the_operator_has_to_mend_is_not_hidden(catalogue: MemoryCatalogue, error: Exception) -> None:
    with pytest.raises(type(error), match=str(error)):
        answerer(catalogue, error).ask("Zanzibar Owls")


def test_ambiguous_upstream_offers_its_candidates(catalogue: MemoryCatalogue) -> None:
    candidates = (Candidate(name="Owls"), Candidate(name="OWLS", note="JP"))

    answer = answerer(catalogue, Outcome(kind="ambiguous", candidates=candidates)).ask("owls")

    assert answer.kind == "ambiguous"
    assert answer.candidates == candidates


def test_an_unknown_name_suggests_names_near_it(catalogue: MemoryCatalogue) -> None:
    answer = answerer(catalogue, Outcome(kind="not_found")).ask("Copper Wheel")

    assert answer.kind == "not_found"
    assert "Copper Weather" in answer.suggestions


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("Copper Wether", "Copper Weather"), ("은하약굮", "은하약국"), ("Брусничный Шторн", "Брусничный Шторм")],
)
def test_a_slip_finds_who_is_known_when_the_source_knows_nobody(
    catalogue: MemoryCatalogue, typed: str, meant: str
) -> None:
    answer = answerer(catalogue, Outcome(kind="not_found")).ask(typed)

    assert (answer.kind, answer.text) == ("card", meant)
    assert answer.note is not None
    assert typed in answer.note


def test_who_is_known_is_found_without_signs_and_by_id(catalogue: MemoryCatalogue) -> None:
    for typed in ("kelpkelp", "Kelp Kelp", "marta & the long division", catalogue.find("silt")[0]):
        assert answerer(catalogue).ask(typed).kind == "card", typed


def test_a_long_question_is_told_by_its_beginning(catalogue: MemoryCatalogue) -> None:
    answer = answerer(catalogue, Outcome(kind="not_found")).ask("Q" * 5000)

    assert answer.kind == "not_found"
    assert len(answer.text) < 200
    assert "Q…" in answer.text


def test_a_known_name_inside_a_sentence_is_offered(catalogue: MemoryCatalogue) -> None:
    answer = answerer(catalogue, Outcome(kind="not_found")).ask("yesterday Slow Lorry came to town")

    assert [candidate.name for candidate in answer.candidates] == ["Slow Lorry"]


def test_nothing_is_collected_without_a_collector(catalogue: MemoryCatalogue) -> None:
    service = answerer(catalogue)

    assert service.ask("Zanzibar Owls").kind == "not_found"
    known = service.known("Zanzibar Owls")
    assert known is not None
    assert known.kind == "not_found"


@pytest.mark.parametrize(
    ("text", "language"), [("", "en"), ("hello", "en"), ("안녕", "ko"), ("도움말", "ko")]
)
def test_talk_is_answered_with_help(catalogue: MemoryCatalogue, text: str, language: str) -> None:
    answer = answerer(catalogue, Fatal("nothing is to be collected")).ask(text)

    assert answer.kind == "help"
    assert answer.language == language
    assert answer.text


def test_the_language_can_be_chosen(catalogue: MemoryCatalogue) -> None:
    assert "찾지 못했어요" in answerer(catalogue, Outcome(kind="not_found")).ask("Owls", "ko").text


def test_an_answer_survives_json(catalogue: MemoryCatalogue) -> None:
    answer = answerer(catalogue).ask("10km")

    assert msgspec.json.decode(msgspec.json.encode(answer), type=type(answer)) == answer


def test_answers_from_the_stores_of_a_home(tmp_path: Path) -> None:
    documents, names = LmdbDocuments(tmp_path / "documents"), SqlCatalogue(f"sqlite:{tmp_path}/catalogue.db")
    answerer_of_home = Answerer(documents, names)

    assert answerer_of_home.ask("10km").kind == "not_found"
    assert answerer_of_home.suggest("10") == []
