"""A person in a real browser: searches, reads an artist's page, on a desk and a phone, by day and night."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

from tunelake.domain.cards import ArtistDocument
from tunelake.service import invented
from tunelake.service.answer import Answerer
from tunelake.service.app.assets import NEEDED
from tunelake.service.granian_server import running
from tunelake.service.litestar_app import create_app
from tunelake.service.memory import MemoryCatalogue, MemoryCollector
from tunelake.service.ports import Outcome

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
PAGES = ("/", "/artists/a0000000000000001", "/ask?q=nobody", "/docs")


EXPECTED = (
    # The browser itself reports the status of a page that is not there.
    "the server responded with a status of 404",
    # A suggestion still on its way when the person follows a link; what really fails has other words too.
    "htmx:sendAbort",
    "htmx:afterRequest",
)


class Site:
    """A running site and the browser's pages on it, with everything that went wrong in them."""

    def __init__(self, url: str, browser: Browser, found: threading.Event) -> None:
        self.url, self.browser, self.found = url, browser, found
        self.errors: list[str] = []
        self.elsewhere: list[str] = []

    def open(self, path: str, *, width: int = 1280, **context: Any) -> Page:
        page = self.browser.new_context(viewport={"width": width, "height": 844}, **context).new_page()
        page.on("console", lambda message: self._heard(message.type, message.text))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", lambda request: self._asked(request.url))
        page.goto(self.url + path)
        return page

    def _heard(self, kind: str, text: str) -> None:
        if kind == "error" and not any(words in text for words in EXPECTED):
            self.errors.append(text)

    def _asked(self, url: str) -> None:
        if not url.startswith((self.url, "data:")):
            self.elsewhere.append(url)


@pytest.fixture
def site(browser: Browser) -> Iterator[Site]:
    catalogue = MemoryCatalogue(invented.artists())
    model = invented.artists()[1]
    catalogue.add(replace(model, entity_id="a00000000000000ff", name="BTS", aliases=("방탄소년단",)))
    catalogue.add(replace(model, entity_id="alonely", name="Lonely", neighbours=model.neighbours[:1]))
    found = threading.Event()

    def find(name: str) -> ArtistDocument | Outcome:
        if name != "새벽도서관":
            return Outcome(kind="not_found")
        found.wait(20)
        return ArtistDocument(entity_id="anew", source="sandbox", artist_id="new", name=name)

    app = create_app(Answerer(catalogue, catalogue, MemoryCollector(catalogue, find)))
    assert not app.state.assets.missing, f"build the browser assets first: make assets ({', '.join(NEEDED)})"
    with running(app) as url:
        visited = Site(url, browser, found)
        yield visited
        found.set()
        for context in browser.contexts:
            context.close()
    assert visited.errors == []
    assert visited.elsewhere == []


def drawn(page: Page) -> None:
    """Wait until the map and both plots are drawn."""
    for kind in ("map", "timeline", "sound"):
        page.wait_for_selector(f'[data-figure="{kind}"][data-drawn="true"]', timeout=15_000)


def test_from_a_search_to_everything_on_an_artists_page(site: Site) -> None:
    page = site.open("/")
    page.get_by_role("combobox").press_sequentially("방탄", delay=30)
    page.get_by_role("option", name="BTS").wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/artists/a00000000000000ff")
    drawn(page)

    assert page.get_by_role("heading", level=1).inner_text() == "BTS"
    assert page.get_by_text("방탄소년단").is_visible()
    assert page.get_by_text("from the sandbox").is_visible()
    assert page.locator(".tracks li").count() == 10
    assert page.locator(".similar li").count() == 10
    assert page.locator(".similar .why").count() >= 10
    assert page.locator('[data-figure="map"] canvas').count() >= 3
    assert page.locator('[data-figure="timeline"] svg .mark-symbol path').count() >= 1
    assert page.locator('[data-figure="sound"] svg .mark-symbol path').count() >= 9
    assert "2026-11-22 09:30 UTC" in page.locator(".receipt").inner_text()

    page.locator(".similar li a").first.click()
    page.wait_for_url(lambda url: "ff" not in url.rsplit("/", 1)[1])
    drawn(page)


def test_the_map_has_something_on_it(site: Site) -> None:
    page = site.open("/artists/a0000000000000000")
    drawn(page)
    colours = page.evaluate(
        """() => {
          const canvas = document.querySelector('[data-figure="map"] canvas.sigma-labels');
          const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
          return data.filter((value, index) => index % 4 === 3 && value > 0).length;
        }"""
    )

    assert colours > 500


def test_with_one_neighbour_both_are_on_the_map(site: Site) -> None:
    page = site.open("/artists/alonely")
    page.wait_for_selector('[data-figure="map"][data-drawn="true"]', timeout=15_000)
    rows = page.evaluate(
        """() => {
          const canvas = document.querySelector('[data-figure="map"] canvas.sigma-labels');
          const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
          const found = [];
          for (let row = 0; row < canvas.height; row++) {
            const line = data.subarray(4 * row * canvas.width, 4 * (row + 1) * canvas.width);
            if (line.some((value, index) => index % 4 === 3 && value > 0)) found.push(row / canvas.height);
          }
          return found;
        }"""
    )

    assert min(rows) > 0.05
    assert any(0.4 < row < 0.65 for row in rows)


def test_a_sentence_finds_its_artist(site: Site) -> None:
    page = site.open("/")
    page.get_by_role("combobox").fill("BTS 좋아해")
    page.get_by_role("combobox").press("Enter")
    page.wait_for_url("**/artists/a00000000000000ff")


def test_an_unknown_artist_is_collected_while_the_page_waits(site: Site) -> None:
    page = site.open("/ask?q=새벽도서관")

    assert "Collecting" in page.get_by_role("heading", level=1).inner_text()
    page.wait_for_timeout(1500)
    site.found.set()
    page.wait_for_url("**/artists/anew", timeout=10_000)
    assert page.get_by_role("heading", level=1).inner_text() == "새벽도서관"


def test_a_slip_finds_who_is_known(site: Site) -> None:
    page = site.open("/ask?q=Copper%20Wether")
    page.wait_for_url("**/artists/*")
    assert page.get_by_role("heading", level=1).inner_text() == "Copper Weather"


def test_a_name_nobody_knows_ends_with_a_page_that_says_so(site: Site) -> None:
    page = site.open("/ask?q=Copper%20Hammer")
    page.get_by_text("No artist called “Copper Hammer”").wait_for()


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_never_scrolls_sideways(site: Site, path: str, scheme: str) -> None:
    page = site.open(path, width=390, color_scheme=scheme, locale="ko-KR", has_touch=True, is_mobile=True)
    page.wait_for_load_state("networkidle")
    if "artists" in path:
        drawn(page)

    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.evaluate("document.documentElement.lang") == "ko"


def background(page: Page) -> str:
    colour: str = page.evaluate("getComputedStyle(document.body).backgroundColor")
    return colour


def test_night_follows_the_system_and_the_button_wins(site: Site) -> None:
    day = background(site.open("/", color_scheme="light"))
    page = site.open("/artists/a0000000000000001", color_scheme="dark")
    night = background(page)
    drawn(page)
    page.get_by_role("button", name="Light or dark").click()
    drawn(page)

    assert night != day
    assert background(page) == day
    page.reload()
    assert background(page) == day


def test_the_language_can_be_changed(site: Site) -> None:
    page = site.open("/artists/a0000000000000001")
    page.get_by_role("link", name="한국어").click()
    page.get_by_role("heading", name="비슷한 아티스트").wait_for()
    page.get_by_role("link", name="English").click()
    page.get_by_role("heading", name="Similar artists").wait_for()


def test_the_documentation_of_the_api_is_drawn_by_day_and_night(site: Site) -> None:
    paper = "getComputedStyle(document.querySelector('#api')).backgroundColor"
    page = site.open("/docs", color_scheme="dark")
    page.get_by_text("/api/artists/{entity_id}/similar").wait_for(timeout=15_000)
    night = page.evaluate(paper)
    page.get_by_role("button", name="Light or dark").click()

    assert page.evaluate(paper) == "rgb(255, 255, 255)" != night


def test_every_page_has_landmarks_and_the_keyboard_reaches_the_content(site: Site) -> None:
    page = site.open("/artists/a0000000000000001")
    page.keyboard.press("Tab")

    assert page.evaluate("document.activeElement.className") == "skip"
    for role in ("banner", "main", "contentinfo", "search", "navigation"):
        assert page.get_by_role(role).count() == 1, role
    unlabelled = page.evaluate(
        "[...document.querySelectorAll('a, button, input')].filter((e) => !e.innerText?.trim() && "
        "!e.getAttribute('aria-label') && !e.labels?.length).length"
    )
    assert unlabelled == 0


def test_text_stands_out_from_its_ground(site: Site) -> None:
    for scheme in ("light", "dark"):
        page = site.open("/artists/a0000000000000001", color_scheme=scheme)
        poor = page.evaluate(CONTRAST)
        assert poor == [], scheme


CONTRAST = """() => {
  const parts = (colour) => {
    const c = document.createElement("canvas").getContext("2d");
    c.fillStyle = colour; c.fillRect(0, 0, 1, 1);
    return [...c.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const ground = (e) => {
    for (; e; e = e.parentElement) {
      const colour = parts(getComputedStyle(e).backgroundColor);
      if (colour[3] === 255) return colour;
    }
    return [255, 255, 255];
  };
  const poor = [];
  for (const e of document.querySelectorAll("h1, h2, p, small, dt, dd, b, a, span, li, summary, button")) {
    if (!e.innerText?.trim() || e.closest(".hidden, .skip, svg")) continue;
    const [a, b] = [light(parts(getComputedStyle(e).color)), light(ground(e))].sort((x, y) => y - x);
    if ((a + 0.05) / (b + 0.05) < 4.5) poor.push(`${e.tagName}.${e.className}: ${e.innerText.slice(0, 30)}`);
  }
  return poor;
}"""
