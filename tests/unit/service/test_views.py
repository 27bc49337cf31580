from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ET
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunelake.domain.cards import ArtistDocument, Receipt, Release, TopTrack
from tunelake.service import invented, language
from tunelake.service.answer import Answerer
from tunelake.service.app import figures, graph, ripples, views
from tunelake.service.app.labels import Labels
from tunelake.service.memory import MemoryCatalogue

EVERYONE = invented.artists()


def place(node: graph.Node) -> float:
    return math.hypot(node.x, node.y)


def test_nearer_on_the_map_is_more_similar() -> None:
    document = EVERYONE[0]
    drawn = graph.around(document, EVERYONE[1:])
    near = {node.id: place(node) for node in drawn.nodes if node.role == "near"}
    ranked = [near[other.entity_id] for other in document.neighbours]

    assert drawn.nodes[0].id == document.entity_id
    assert place(drawn.nodes[0]) == 0
    assert ranked == sorted(ranked)
    assert min(place(node) for node in drawn.nodes if node.role == "far") > max(near.values())


def test_the_map_links_only_what_it_shows_and_each_pair_once() -> None:
    drawn = graph.around(EVERYONE[3], EVERYONE)
    ids = {node.id for node in drawn.nodes}
    pairs = [frozenset({edge.source, edge.target}) for edge in drawn.edges]

    assert len(ids) == len(drawn.nodes)
    assert set().union(*pairs) == ids
    assert len(set(pairs)) == len(pairs)
    assert all(len(pair) == 2 for pair in pairs)


def test_a_place_on_the_map_leads_to_its_artist_and_not_to_a_namesake() -> None:
    drawn = graph.around(EVERYONE[0], EVERYONE[1:])
    ids = {one.entity_id for one in EVERYONE}
    assert {node.href for node in drawn.nodes if node.id in ids} <= {f"/artists/{one}" for one in ids}
    alone = graph.around(EVERYONE[0], [])
    assert all(node.href.startswith("/ask?q=") for node in alone.nodes[1:])


def test_one_neighbour_and_none() -> None:
    alone = msgspec.structs.replace(EVERYONE[0], neighbours=())
    single = msgspec.structs.replace(EVERYONE[0], neighbours=EVERYONE[0].neighbours[:1])

    assert len(graph.around(alone, []).nodes) == 1
    assert len(graph.around(single, []).edges) == 1


def test_releases_of_a_year_are_piled_up() -> None:
    releases = [Release(album_id=str(n), name=f"R{n}", kind="single", date="1997-05") for n in range(3)]
    spec = figures.timeline([*releases, Release(album_id="x", name="X", kind="album")], Labels("en"))

    assert spec is not None
    assert [(value["year"], value["pile"]) for value in spec["data"]["values"]] == [
        (1997, 1),
        (1997, 2),
        (1997, 3),
    ]


@pytest.mark.parametrize(
    ("date", "year"), [("1997", 1997), ("1997-05-21", 1997), ("", None), (None, None), ("soon", None)]
)
def test_years_of_releases(date: str | None, year: int | None) -> None:
    assert figures.year_of(Release(album_id="x", name="x", kind="album", date=date)) == year


def test_no_dates_and_no_features_draw_nothing() -> None:
    bare = ArtistDocument(entity_id="a1", source="s", artist_id="1", name="Bare")

    assert figures.timeline(bare.releases, Labels("en")) is None
    assert figures.sound(bare, EVERYONE, "en") is None


def test_every_value_of_the_sound_plot_is_on_its_scale() -> None:
    loud = msgspec.structs.replace(EVERYONE[0], features={"loudness": 3.0, "energy": 0.5, "tempo": 300.0})
    spec = figures.sound(loud, EVERYONE[1:5], "ko")

    assert spec is not None
    assert {value["feature"] for value in spec["data"]["values"]} == {"음량", "에너지", "빠르기"}
    assert all(0 <= value["value"] <= 1 for value in spec["data"]["values"])


@given(st.text(max_size=40))
def test_any_name_has_a_picture_of_its_own(name: str) -> None:
    for small in (False, True):
        picture = ripples.picture(name, small=small)
        assert ET.fromstring(picture).tag == "svg"  # noqa: S314  (our own text)
        assert picture == ripples.picture(name, small=small)


def test_the_page_links_to_what_is_collected_and_asks_for_the_rest() -> None:
    document = EVERYONE[0]
    nearest = [near.entity_id for near in document.neighbours]
    catalogue = MemoryCatalogue([document, *(other for other in EVERYONE if other.entity_id == nearest[0])])
    view = views.artist(Answerer(catalogue, catalogue), document.entity_id, "en")

    assert view is not None
    assert view.similar[0].href == f"/artists/{nearest[0]}"
    assert view.similar[1].href.startswith("/ask?q=")


def test_a_link_that_is_no_web_address_is_left_out() -> None:
    track = msgspec.structs.replace(EVERYONE[0].top_tracks[0], url="javascript:alert(1)")
    document = msgspec.structs.replace(EVERYONE[0], top_tracks=(track,))
    catalogue = MemoryCatalogue([document])
    view = views.artist(Answerer(catalogue, catalogue), document.entity_id, "en")

    assert view is not None
    assert view.tracks[0].url is None


@pytest.mark.parametrize(
    ("asked", "remembered", "accept", "chosen"),
    [
        (None, None, "", "en"),
        (None, None, "ko-KR,ko;q=0.9,en;q=0.8", "ko"),
        (None, None, "en;q=0.4, ko;q=0.7", "ko"),
        (None, None, "fr, de;q=0.9", "en"),
        (None, None, "ko;q=0, en;q=x", "en"),
        (None, "ko", "en", "ko"),
        ("en", "ko", "ko", "en"),
        ("fr", None, "ko", "ko"),
    ],
)
def test_choosing_a_language(asked: str | None, remembered: str | None, accept: str, chosen: str) -> None:
    assert language.choose(asked, remembered, accept) == chosen


def test_links_lead_to_the_source_only_where_its_ids_are_real() -> None:
    receipt = Receipt(
        source="sandbox", rights="all", observed_at=datetime(2026, 1, 1, tzinfo=UTC), page_id="p"
    )
    tracks = (TopTrack(track_id="t", name="T", rank=1, url="https://open.example/track/t"),)
    real = ArtistDocument(
        entity_id="a", source="sandbox", artist_id="1", name="A", url="https://open.example/artist/1",
        top_tracks=tracks, receipt=msgspec.structs.replace(receipt, rights="owner"),
    )  # fmt: skip
    invented_one = msgspec.structs.replace(real, entity_id="b", receipt=receipt)
    catalogue = MemoryCatalogue([real, invented_one])
    pages = [views.artist(Answerer(catalogue, catalogue), one, "en") for one in ("a", "b")]
    links = [(page.url, page.tracks[0].url) for page in pages if page]
    assert links == [("https://open.example/artist/1", "https://open.example/track/t"), (None, None)]


def _light(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_every_colour_of_words_can_be_read_by_day_and_night() -> None:
    text = (Path(views.__file__).parent / "static" / "page.css").read_text(encoding="utf-8")
    tokens = dict(re.findall(r"--(\w+): light-dark\((#\w{6}, #\w{6})\)", text))
    both = {name: pair.split(", ") for name, pair in tokens.items()}
    words = ("ink", "soft", "buoy", "sound", "genres", "collaboration")
    for name in words:
        for theme in (0, 1):
            for ground in ("paper", "card"):
                low, high = sorted(_light(both[one][theme]) for one in (name, ground))
                assert (high + 0.05) / (low + 0.05) >= 4.5, (name, ground, theme)
