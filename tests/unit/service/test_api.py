from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from litestar.testing import TestClient

from tunelake.domain.cards import ArtistDocument
from tunelake.errors import Fatal
from tunelake.service import invented
from tunelake.service.answer import Answerer
from tunelake.service.litestar_app import create_app
from tunelake.service.memory import MemoryCatalogue, MemoryCollector
from tunelake.service.ports import Outcome

Client = TestClient[Any]
Find = Callable[[str], ArtistDocument | Outcome]
PROBLEM = "application/problem+json"


def not_found(_name: str) -> Outcome:
    return Outcome(kind="not_found")


@pytest.fixture
def open_client() -> Iterator[Callable[[Find], Client]]:
    opened: list[Client] = []

    def make(find: Find = not_found) -> Client:
        catalogue = MemoryCatalogue(invented.artists())
        app = create_app(Answerer(catalogue, catalogue, MemoryCollector(catalogue, find)), version="7")
        opened.append(TestClient(app, raise_server_exceptions=False))
        return opened[-1].__enter__()

    yield make
    for client in opened:
        client.__exit__(None, None, None)


@pytest.fixture
def client(open_client: Callable[[Find], Client]) -> Client:
    return open_client(not_found)


def test_ask_answers_with_the_card(client: Client) -> None:
    answer = client.get("/api/ask", params={"q": "달빛정거장 좋아해"}).json()

    assert answer["kind"] == "card"
    assert answer["language"] == "ko"
    assert answer["document"]["name"] == "달빛정거장"
    assert answer["document"]["receipt"]["page_id"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/ask", 400),
        ("/api/ask?q=", 400),
        ("/api/ask?q=x&lang=fr", 400),
        (f"/api/ask?q={'x' * 5001}", 400),
        ("/api/ask?q=nobody%20at%20all", 404),
        ("/api/artists/none", 404),
        ("/api/artists/none/similar", 404),
        (f"/api/artists/{invented.entity_id(0)}/similar?limit=0", 400),
        ("/api/search", 400),
        ("/api/nothing", 404),
    ],
)
def test_what_cannot_be_answered_is_a_problem(client: Client, path: str, status: int) -> None:
    response = client.get(path)

    assert response.status_code == status
    assert response.headers["content-type"].startswith(PROBLEM)
    assert response.json()["status"] == status
    assert response.json()["detail"]


def test_a_problem_names_what_was_typed_and_does_not_repeat_it(client: Client) -> None:
    def detail(path: str) -> str:
        return str(client.get(path).json()["detail"])

    assert detail(f"/api/ask?q={'x' * 5001}").startswith("q: ")
    assert len(detail(f"/api/ask?q={'x' * 5001}")) < 100
    assert detail("/api/ask?q=x&lang=fr").startswith("lang: ")
    assert "/docs" in detail("/api/nothing")


def test_similar_artists_come_with_their_reasons_in_words(client: Client) -> None:
    path = f"/api/artists/{invented.entity_id(0)}/similar"
    first = client.get(path).json()["neighbours"][0]
    assert len(first["why"]) == len(first["reasons"]) > 0
    korean = client.get(f"{path}?lang=ko").json()["neighbours"][0]["why"]
    assert all(any("가" <= letter <= "힣" for letter in why) for why in korean)


def test_who_is_not_understood_or_found_is_shown_a_way_on(client: Client) -> None:
    for path in ("/ask?q=hello", "/ask?q=%3F%3F"):
        page = client.get(path, headers={"accept": "text/html"}).text
        assert 'class="chip" href="/ask?q=' in page
    missing = client.get("/nothing?lang=ko", headers={"accept": "text/html"}).text
    assert "찾을 수 없어요" in missing
    assert "Not Found" not in missing


@pytest.mark.parametrize("text", ["'; DROP TABLE artists; --", "🎵" * 900, "x" * 5000, "\u202e\u0000?", "%"])
def test_hostile_questions_are_answered(client: Client, text: str) -> None:
    assert client.get("/api/ask", params={"q": text}).status_code in {200, 404}
    assert client.get("/ask", params={"q": text}).status_code in {200, 202, 404}
    assert client.get("/suggest", params={"q": text}).status_code == 200


def test_parked_says_when_to_come_back(open_client: Callable[[Find], Client]) -> None:
    until = datetime.now(UTC) + timedelta(seconds=90)
    response = open_client(lambda _: Outcome(kind="parked", until=until)).get("/api/ask?q=owls")

    assert response.status_code == 503
    assert 80 <= int(response.headers["retry-after"]) <= 91
    assert response.json()["kind"] == "parked"


def test_a_failing_source_is_a_bad_gateway(open_client: Callable[[Find], Client]) -> None:
    response = open_client(lambda _: Outcome(kind="failed", message="it is not there")).get("/api/ask?q=owls")

    assert response.status_code == 502
    assert "it is not there" in response.json()["detail"]


def test_an_unexpected_error_tells_nothing_of_its_inside(open_client: Callable[[Find], Client]) -> None:
    def broken(_name: str) -> Outcome:
        raise KeyError("secret-detail")

    response = open_client(broken).get("/api/ask?q=owls")

    assert response.status_code == 500
    assert response.headers["content-type"].startswith(PROBLEM)
    assert "secret-detail" not in response.text


def test_a_fatal_error_is_said(open_client: Callable[[Find], Client]) -> None:
    def full(_name: str) -> Outcome:
        raise Fatal("the disk is full")

    assert open_client(full).get("/api/ask?q=owls").json()["detail"] == "the disk is full"


def test_fifty_who_ask_for_the_same_unknown_artist_cause_one_collection(
    open_client: Callable[[Find], Client],
) -> None:
    asked: list[str] = []
    go = threading.Event()

    def slow(name: str) -> ArtistDocument:
        asked.append(name)
        go.wait(10)
        return ArtistDocument(entity_id="anew", source="sandbox", artist_id="new", name=name)

    client = open_client(slow)
    with ThreadPoolExecutor(50) as pool:
        waiting = [pool.submit(client.get, "/api/ask?q=Owls") for _ in range(50)]
        while not asked:
            pass
        # Reads go on while a collection is under way.
        assert client.get("/api/search?q=copper").json()["artists"][0]["name"] == "Copper Weather"
        go.set()
        answers = [future.result().json() for future in waiting]

    assert asked == ["Owls"]
    assert {answer["document"]["entity_id"] for answer in answers} == {"anew"}


def test_artists_similar_and_search(client: Client) -> None:
    entity_id = invented.entity_id(0)

    assert client.get(f"/api/artists/{entity_id}").json()["name"] == "Harbour Static"
    similar = client.get(f"/api/artists/{entity_id}/similar?limit=3").json()
    assert [near["rank"] for near in similar["neighbours"]] == [1, 2, 3]
    assert all(near["reasons"] for near in similar["neighbours"])
    assert client.get("/api/search", params={"q": "물결"}).json()["artists"][0]["name"] == "물결연구소"


def test_the_openapi_document_names_every_route(client: Client) -> None:
    document = client.get("/openapi.json").json()

    assert document["info"]["version"] == "7"
    routes = {
        "/api/ask",
        "/api/artists/{entity_id}",
        "/api/artists/{entity_id}/similar",
        "/api/search",
        "/healthz",
    }
    assert set(document["paths"]) == routes
    assert {"200", "400", "404", "502", "503"} <= set(document["paths"]["/api/ask"]["get"]["responses"])


def test_health(client: Client) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}


@pytest.mark.parametrize("path", ["/", "/api/ask?q=10km", "/static/page.css", "/nothing", "/docs"])
def test_every_answer_has_a_strict_policy(client: Client, path: str) -> None:
    headers = client.get(path).headers

    assert "default-src 'none'; script-src 'self'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"


def test_names_cannot_bring_markup_into_a_page() -> None:
    evil = "<script>alert(1)</script>"
    catalogue = MemoryCatalogue()
    catalogue.add(ArtistDocument(entity_id="aevil", source="s", artist_id="e", name=evil, genres=(evil,)))
    with TestClient(create_app(Answerer(catalogue, catalogue))) as client:
        page = client.get("/artists/aevil").text
        asked = client.get("/ask", params={"q": f"nobody {evil}"}).text

    assert "<script>alert" not in page + asked
    assert "&lt;script&gt;alert" in page


def test_pages_speak_the_visitors_language(client: Client) -> None:
    assert 'lang="ko"' in client.get("/", headers={"accept-language": "ko-KR,ko;q=0.9"}).text
    assert 'lang="en"' in client.get("/", headers={"accept-language": "fr"}).text
    assert "비슷한 아티스트" in client.get(f"/artists/{invented.entity_id(0)}?lang=ko").text
    # The choice is remembered.
    assert 'lang="ko"' in client.get("/").text


def test_a_missing_page_is_a_page_for_people_and_a_problem_for_programs(client: Client) -> None:
    page = client.get("/artists/none", headers={"accept": "text/html"})

    assert page.status_code == 404
    assert "There is no such page or artist" in page.text
    assert client.get("/artists/none").headers["content-type"].startswith(PROBLEM)


def test_without_built_assets_the_page_says_how_to_build_them(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    assets = client.app.state.assets
    monkeypatch.setattr(assets, "missing", ("charts.js",))
    page = client.get(f"/artists/{invented.entity_id(0)}").text

    assert "make assets" in page
    assert "charts.js" not in page
    assert "Harbour Static" in page


def test_metrics_are_there_where_somebody_writes_them() -> None:
    catalogue = MemoryCatalogue()
    answerer = Answerer(catalogue, catalogue)
    with TestClient(create_app(answerer, metrics=lambda: b"tunelake_up 1\n")) as client:
        found = client.get("/metrics")
    assert (found.status_code, found.content) == (200, b"tunelake_up 1\n")
    assert found.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    with TestClient(create_app(answerer)) as client:
        assert client.get("/metrics").status_code == 404
