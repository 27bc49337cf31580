"""An artist nobody collected is collected when somebody asks: once, however many ask."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from tests.journey.path.conftest import MakeHome

import tunelake
from tunelake.lake.locks.file_locks import held

ASKING = 20


def test_an_unknown_artist_is_collected_and_answered(make_home: MakeHome) -> None:
    home = make_home("--artists", "500")
    first = home.run("ask", "BTS 좋아해")
    assert first["kind"] == "card"
    assert first["collected_now"] is True
    assert first["language"] == "ko"
    assert home.control()["catalogue"] <= 5
    # Something to be near to.
    names = ("BLACKPINK", "aespa", "Radiohead", "SHINee", "Coldplay")
    home.run(
        "collect",
        "artists",
        *(word for one in names for word in ("--name", one)),
        "--with",
        "top-tracks,features",
    )
    home.run("build")
    before = home.control()["catalogue"]

    told = home.run("ask", "NewJeans 노래 추천해줘")
    assert (told["kind"], told["collected_now"]) == ("card", True)
    card = told["document"]
    assert card["name"] == "NewJeans"
    assert card["top_tracks"]
    assert card["neighbours"]
    assert all(near["reasons"] for near in card["neighbours"])
    assert "NewJeans" not in {near["name"] for near in card["neighbours"]}
    assert home.control()["catalogue"] - before <= 5

    seen = home.control()["requests"]
    again = home.run("ask", "NewJeans 노래 추천해줘")
    assert (again["kind"], again["collected_now"]) == ("card", False)
    assert again["document"] == card
    assert home.control()["requests"] == seen


def test_while_another_lands_the_asker_is_answered_and_nothing_is_lost(make_home: MakeHome) -> None:
    home = make_home("--artists", "300")
    names = ("BLACKPINK", "aespa", "Coldplay")
    parts = ("--with", "top-tracks,features,related")
    home.run("collect", "artists", *(word for one in names for word in ("--name", one)), *parts)
    home.run("build")

    with held(home.path / "locks" / "lander"):
        told = home.run("ask", "BTS")
        assert (told["kind"], told["collected_now"]) == ("card", True)
        assert all(near["reasons"] for near in told["document"]["neighbours"])
        seen = home.control()["requests"]
        again = home.run("ask", "BTS")
        assert (again["document"], again["collected_now"]) == (told["document"], False)
    assert home.one("select count(*) from top_tracks join artists using (artist_id) where name = 'BTS'") == 0
    home.run("build")
    later = home.run("ask", "BTS")
    assert later["document"] == told["document"]
    assert home.control()["requests"] == seen, "it was answered from what is kept"

    # Killed as soon as the answer is there: all that was received is kept.
    asking = home.start("ask", "Radiohead")
    assert asking.stdout is not None
    told = json.loads("".join(iter(asking.stdout.readline, "}\n")) + "}")
    asking.kill()
    asking.communicate(timeout=60)
    seen = home.control()["requests"]
    home.run("build")
    later = home.run("ask", "Radiohead")
    assert (later["kind"], later["collected_now"]) == ("card", False)
    assert later["document"] == told["document"]
    assert home.control()["requests"] == seen


def test_nobody_of_that_name_is_said_and_leaves_no_card(make_home: MakeHome) -> None:
    home = make_home("--artists", "1")
    told = home.run("ask", "tell me about Qzvxk Wjqfp")
    assert told["kind"] == "not_found"
    assert home.one("select count(*) from artists") == 0


def test_twenty_who_ask_at_once_cost_one_collection(
    make_home: MakeHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = make_home("--artists", "500", "--latency", "0.1")
    for name, value in home.environ.items():
        if name.startswith("TUNELAKE_"):
            monkeypatch.setenv(name, value)
    answerer = tunelake.open().answerer()
    together = Barrier(ASKING)

    def ask(number: int) -> tuple[str, str | None]:
        together.wait()
        told = answerer.ask("에스파 좋아해" if number % 2 else "에스파 노래 추천해줘")
        return told.kind, told.document.name if told.document else told.text

    with ThreadPoolExecutor(ASKING) as people:
        answers = list(people.map(ask, range(ASKING)))
    assert set(answers) == {("card", "aespa")}
    # Known at once where it was asked for, and behind that to everybody.
    known = answerer.known("aespa")
    assert known is not None
    assert known.document is not None
    assert answerer.card(known.document.entity_id) is not None
    published = tunelake.open().answerer(on_demand=False)
    give_up = time.monotonic() + 100
    while (told := published.ask("aespa")).kind != "card":
        assert time.monotonic() < give_up
        time.sleep(0.1)
    assert told.document == known.document
    seen = home.control()
    assert seen["catalogue"] <= 5
    assert seen["token"] == 1
    assert sum(number for name, number in seen["by_endpoint"].items() if "search" in name) == 1
