from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from tunelake.sandbox.catalogue import Catalogue
from tunelake.sandbox.server.config import Profile, Quota, SandboxConfig, WindowLimit
from tunelake.sandbox.server.desk import Ask, Desk, Reply

ORIGIN = "http://127.0.0.1:1"
ARTIST = "artist1".ljust(22, "x")
ALBUM = "album1".ljust(22, "x")
TRACK = "track1".ljust(22, "x")
PLAYLIST = "playlist1".ljust(22, "x")
UNKNOWN = "z" * 22


class Visitor:
    """Someone with a token, at a desk."""

    def __init__(self, desk: Desk, user: bool = False) -> None:
        self.desk = desk
        ready = desk.ready
        pair = base64.b64encode(f"{ready.client_id}:{ready.client_secret}".encode()).decode()
        form = {"grant_type": "client_credentials"}
        if user:
            back = "https://app.example/cb"
            asked = {"client_id": ready.client_id, "response_type": "code", "redirect_uri": back}
            shown = desk.reply(Ask(method="GET", path="/authorize", params=asked, headers={}), 0)
            code = dict(parse_qsl(urlsplit(shown.headers["Location"]).query))["code"]
            form = {"grant_type": "authorization_code", "code": code, "redirect_uri": back}
        headers = {"authorization": f"Basic {pair}"}
        reply = desk.reply(Ask(method="POST", path="/api/token", params={}, headers=headers, form=form), 0)
        self.headers = {"authorization": f"Bearer {json.loads(reply.body)['access_token']}"}

    def get(
        self, url: str, *, method: str = "GET", shift: int = 0, headers: Mapping[str, str] | None = None
    ) -> Reply:
        parts = urlsplit(url)
        ask = Ask(
            method=method,
            path=f"/v1{parts.path}",
            params=dict(parse_qsl(parts.query)),
            headers={**self.headers, **(headers or {})},
            shift=shift,
        )
        return self.desk.reply(ask, 0)

    def json(self, url: str, *, shift: int = 0) -> Any:
        reply = self.get(url, shift=shift)
        assert reply.status == 200, reply
        return json.loads(reply.body)

    def error(self, url: str, *, method: str = "GET") -> tuple[int, str]:
        reply = self.get(url, method=method)
        error = json.loads(reply.body)["error"]
        assert reply.status == error["status"]
        return reply.status, error["message"]


def visitor(catalogue: Catalogue, profile: Profile = "extended", *, user: bool = False) -> Visitor:
    return Visitor(Desk(SandboxConfig(profile=profile), catalogue, ORIGIN), user)


@pytest.mark.parametrize(
    ("url", "status", "message"),
    [
        ("/artists/short", 400, "Invalid base62 id"),
        (f"/artists/{'ö' * 22}", 400, "Invalid base62 id"),
        (f"/artists/{UNKNOWN}", 404, "Resource not found"),
        (f"/albums/{UNKNOWN}", 404, "Resource not found"),
        (f"/tracks/{UNKNOWN}", 404, "Resource not found"),
        (f"/audio-features/{UNKNOWN}", 404, "Resource not found"),
        (f"/playlists/{UNKNOWN}", 404, "Resource not found"),
        (f"/playlists/{UNKNOWN}/items", 404, "Resource not found"),
        (f"/artists/{UNKNOWN}/albums", 404, "Resource not found"),
        (f"/artists/{ARTIST}/albums?limit=51", 400, "Invalid limit"),
        (f"/artists/{ARTIST}/albums?limit=0", 400, "Invalid limit"),
        (f"/artists/{ARTIST}/albums?limit=-1", 400, "Invalid limit"),
        (f"/artists/{ARTIST}/albums?limit=many", 400, "Invalid limit"),
        (f"/artists/{ARTIST}/albums?offset=-1", 400, "Invalid offset"),
        (f"/artists/{ARTIST}/albums?include_groups=live", 400, "Invalid include_groups"),
        (f"/artists/{ARTIST}/top-tracks?market=Korea", 400, "Invalid market code"),
        (f"/albums/{ALBUM}/tracks?limit=51", 400, "Invalid limit"),
        (f"/playlists/{PLAYLIST}/items?limit=51", 400, "Invalid limit"),
        (f"/playlists/{PLAYLIST}/tracks?limit=101", 400, "Invalid limit"),
        ("/search?type=artist", 400, "No search query"),
        ("/search?q=x", 400, "Missing parameter type"),
        ("/search?q=x&type=song", 400, "Bad search type field song"),
        ("/search?q=x&type=artist&limit=51", 400, "Invalid limit"),
        ("/search?q=x&type=artist&offset=1001", 400, "Invalid offset"),
        ("/artists", 400, "Missing required field: ids"),
        (f"/artists?ids={','.join([ARTIST] * 51)}", 400, "Too many ids requested"),
        (f"/albums?ids={','.join([ALBUM] * 21)}", 400, "Too many ids requested"),
        (f"/tracks?ids={TRACK},bad", 400, "Invalid base62 id"),
        ("/nothing/here", 404, "Service not found"),
    ],
)
def test_errors(catalogue: Catalogue, url: str, status: int, message: str) -> None:
    assert visitor(catalogue).error(url) == (status, message)


def test_only_get(catalogue: Catalogue) -> None:
    assert visitor(catalogue).error(f"/artists/{ARTIST}", method="POST") == (405, "Method not allowed")


def test_unknown_is_null_in_batches(catalogue: Catalogue) -> None:
    me = visitor(catalogue)
    assert [one and one["id"] for one in me.json(f"/artists?ids={ARTIST},{UNKNOWN}")["artists"]] == [
        ARTIST,
        None,
    ]
    assert [one and one["id"] for one in me.json(f"/albums?ids={UNKNOWN},{ALBUM}")["albums"]] == [None, ALBUM]
    assert [one and one["id"] for one in me.json(f"/tracks?ids={TRACK},{UNKNOWN}")["tracks"]] == [TRACK, None]
    many = me.json(f"/audio-features?ids={TRACK},{UNKNOWN}")["audio_features"]
    assert many[0]["valence"] is None
    assert many[0]["tempo"] == 120.0
    assert many[1] is None


def test_unknown_numbers_are_absent(catalogue: Catalogue) -> None:
    me = visitor(catalogue)
    assert not {"popularity", "followers"} & me.json(f"/artists/{'artist2'.ljust(22, 'x')}").keys()
    assert not {"popularity", "label"} & me.json(f"/albums/{'album2'.ljust(22, 'x')}").keys()


def test_pages_lead_to_each_other(catalogue: Catalogue) -> None:
    me = visitor(catalogue)
    url = f"/albums/{ALBUM}/tracks?limit=5&market=KR"
    seen: list[int] = []
    backwards: list[str | None] = []
    while url:
        page = me.json(url.removeprefix(f"{ORIGIN}/v1"))
        assert (page["total"], page["limit"], page["offset"]) == (12, 5, len(seen))
        seen += [track["track_number"] for track in page["items"]]
        backwards.append(page["previous"])
        url = page["next"]
    assert seen == list(range(1, 13))
    assert backwards[0] is None
    assert backwards[2] == f"{ORIGIN}/v1/albums/{ALBUM}/tracks?offset=5&limit=5&market=KR"


def test_a_page_that_ends_with_the_list_leads_nowhere(catalogue: Catalogue) -> None:
    page = visitor(catalogue).json(f"/albums/{ALBUM}/tracks?limit=6&offset=6")
    assert (len(page["items"]), page["next"]) == (6, None)


def test_offsets_shift_after_the_first_page(catalogue: Catalogue) -> None:
    me = visitor(catalogue)

    def numbers(offset: int, shift: int) -> list[int]:
        page = me.json(f"/albums/{ALBUM}/tracks?limit=3&offset={offset}", shift=shift)
        assert (page["offset"], page["total"]) == (offset, 12)
        return [track["track_number"] for track in page["items"]]

    assert numbers(0, 1) == numbers(0, -1) == [1, 2, 3]
    assert numbers(3, 1) == [5, 6, 7]
    assert numbers(3, -1) == [3, 4, 5]


def test_artist_albums_by_group_and_market(catalogue: Catalogue) -> None:
    me = visitor(catalogue)

    def groups(query: str) -> list[str]:
        return [one["album_group"] for one in me.json(f"/artists/{ARTIST}/albums{query}")["items"]]

    assert groups("") == ["album", "single"]
    assert groups("?include_groups=single") == ["single"]
    assert groups("?include_groups=compilation,appears_on") == []
    assert groups("?market=US") == ["album"]
    assert groups("?market=kr") == ["album", "single"]


def test_a_market_tells_what_is_playable(catalogue: Catalogue) -> None:
    me = visitor(catalogue)
    assert "is_playable" not in me.json(f"/tracks/{TRACK}")
    assert me.json(f"/tracks/{TRACK}?market=KR")["is_playable"] is True
    assert me.json(f"/tracks/{TRACK}?market=US")["is_playable"] is False
    ids = {one["id"] for one in me.json(f"/artists/{ARTIST}/top-tracks?country=US")["tracks"]}
    assert TRACK not in ids
    assert len(ids) == 10


def test_search_pages_by_type(catalogue: Catalogue) -> None:
    me = visitor(catalogue)
    found = me.json("/search?q=Blue+Harbour&type=artist,playlist,track&limit=1&market=KR")
    assert list(found) == ["artists", "playlists", "tracks"]
    assert found["artists"]["items"][0]["name"] == "Blue Harbour"
    assert found["playlists"] == {
        "href": f"{ORIGIN}/v1/search?offset=0&limit=1&query=Blue%20Harbour&type=playlist&market=KR",
        "limit": 1,
        "next": None,
        "offset": 0,
        "previous": None,
        "total": 0,
        "items": [],
    }
    songs = me.json("/search?q=track:song&type=track&limit=10")["tracks"]
    assert songs["total"] == 12
    rest = me.json(songs["next"].removeprefix(f"{ORIGIN}/v1"))["tracks"]
    assert len({one["id"] for one in songs["items"] + rest["items"]}) == 12
    assert rest["next"] is None
    assert me.json("/search?q=isrc:QZ0012600003&type=track")["tracks"]["items"][0]["name"] == "Song 3"
    assert me.json("/search?q=upc:012345678905&type=album")["albums"]["items"][0]["id"] == ALBUM


def test_playlist_has_both_names_and_null_items(catalogue: Catalogue) -> None:
    me = visitor(catalogue)
    whole = me.json(f"/playlists/{PLAYLIST}")
    assert whole["tracks"]["items"] == whole["items"]["items"]
    items = me.json(f"/playlists/{PLAYLIST}/items")["items"]
    assert [one["item"] and one["item"]["id"] for one in items] == [TRACK, None, "track2".ljust(22, "x")]
    assert items[0]["track"] == items[0]["item"]
    old = me.json(f"/playlists/{PLAYLIST}/tracks")["items"]
    assert [one["track"] for one in old] == [one["track"] for one in items]
    assert "item" not in old[0]


@pytest.mark.parametrize(
    "url",
    [
        f"/artists?ids={ARTIST}",
        f"/albums?ids={ALBUM}",
        f"/tracks?ids={TRACK}",
        f"/artists/{ARTIST}/top-tracks",
        f"/artists/{ARTIST}/related-artists",
        f"/audio-features/{TRACK}",
        f"/audio-features?ids={TRACK}",
        "/browse/new-releases",
        "/markets",
        f"/playlists/{PLAYLIST}/tracks",
        f"/playlists/{PLAYLIST}/items",
    ],
)
def test_development_mode_is_closed_where_the_real_one_is(catalogue: Catalogue, url: str) -> None:
    assert visitor(catalogue, "development").error(url) == (403, "Forbidden")
    assert visitor(catalogue).get(url).status == 200


def test_development_mode_lacks_the_removed_fields(catalogue: Catalogue) -> None:
    me = visitor(catalogue, "development")
    assert not {"popularity", "followers"} & me.json(f"/artists/{ARTIST}").keys()
    album = me.json(f"/albums/{ALBUM}")
    assert not {"popularity", "label", "available_markets"} & album.keys()
    assert album["external_ids"] == {"upc": "012345678905"}
    assert not {"album_group", "available_markets"} & me.json(f"/artists/{ARTIST}/albums")["items"][0].keys()
    track = me.json(f"/tracks/{TRACK}")
    assert not {"popularity", "available_markets", "linked_from"} & track.keys()
    assert track["external_ids"] == {"isrc": "QZ0012600001"}
    assert "available_markets" not in track["album"]


def test_development_mode_has_shorter_pages(catalogue: Catalogue) -> None:
    me = visitor(catalogue, "development")
    assert me.json("/search?q=song&type=track")["tracks"]["limit"] == 5
    assert me.error("/search?q=song&type=track&limit=11") == (400, "Invalid limit")
    assert me.json(f"/artists/{ARTIST}/albums")["limit"] == 5
    assert me.error(f"/artists/{ARTIST}/albums?limit=11") == (400, "Invalid limit")


def test_development_mode_reads_only_ones_own_playlists(catalogue: Catalogue) -> None:
    assert not {"items", "tracks"} & visitor(catalogue, "development").json(f"/playlists/{PLAYLIST}").keys()
    owner = visitor(catalogue, "development", user=True)
    whole = owner.json(f"/playlists/{PLAYLIST}")
    assert "tracks" not in whole
    assert "track" not in whole["items"]["items"][0]
    assert owner.json(f"/playlists/{PLAYLIST}/items")["items"][0]["item"]["id"] == TRACK


def test_what_one_has_is_not_sent_again(catalogue: Catalogue) -> None:
    me = visitor(catalogue)
    first = me.get(f"/artists/{ARTIST}")
    tag = first.headers["ETag"]
    for held in (tag, f'"other", {tag}', "*"):
        again = me.get(f"/artists/{ARTIST}", headers={"if-none-match": held})
        assert (again.status, again.body) == (304, b"")
    assert me.get(f"/artists/{ARTIST}", headers={"if-none-match": '"other"'}).status == 200


def test_limits_come_after_the_token_and_before_the_answer(catalogue: Catalogue) -> None:
    config = SandboxConfig(limits=(WindowLimit(2, 30),))
    me = Visitor(Desk(config, catalogue, ORIGIN))
    assert me.get(f"/artists/{ARTIST}").status == 200
    assert me.get(f"/artists/{UNKNOWN}").status == 404
    limited = me.get(f"/artists/{ARTIST}")
    assert (limited.status, limited.headers["Retry-After"]) == (429, "30")
    assert json.loads(limited.body) == {"error": {"status": 429, "message": "API rate limit exceeded"}}
    assert me.get(f"/artists/{ARTIST}", headers={"authorization": "Bearer no"}).status == 401


def test_the_quota_counts_templates(catalogue: Catalogue) -> None:
    me = Visitor(Desk(SandboxConfig(quota=Quota(1, 60)), catalogue, ORIGIN))
    assert me.get(f"/artists/{ARTIST}").status == 200
    over = me.get(f"/artists/{'artist2'.ljust(22, 'x')}")
    assert (over.status, over.headers["Retry-After"]) == (429, "60")
    assert json.loads(over.body)["error"]["reason"] == "QUOTA_EXCEEDED"
    assert me.get(f"/artists/{ARTIST}/albums").status == 200


def test_the_mark_is_ascii_and_reads_back(catalogue: Catalogue) -> None:
    mark = Desk(SandboxConfig(), catalogue, ORIGIN).mark["Tunelake-Sandbox"]
    assert mark.isascii()
    rights, _, label = mark.partition("; label=")
    assert rights == "rights=all"
    assert json.loads(label) == 'a "small" 목록'


def test_pictures_have_the_size_asked_for(catalogue: Catalogue) -> None:
    me = visitor(catalogue)
    path = me.json(f"/artists/{ARTIST}")["images"][1]["url"].removeprefix(ORIGIN)
    reply = me.desk.reply(Ask(method="GET", path=path, params={}, headers={}), 0)
    assert reply.content_type == "image/svg+xml"
    assert b'width="320"' in reply.body
