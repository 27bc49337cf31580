"""Public clients run unchanged: only their base addresses are set."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests
import spotipy
import tekore  # type: ignore[import-untyped]  # ships none
from tekore._auth.expiring import (  # type: ignore[import-untyped]  # ships none
    client as tekore_accounts,
)
from tekore._client import base as tekore_base  # type: ignore[import-untyped]  # ships none

from tunelake.sandbox.catalogue import Catalogue
from tunelake.sandbox.server.aiohttp_host import running
from tunelake.sandbox.server.config import Ready, SandboxConfig

# Spotipy warns of what is deprecated upstream and of its own future.
pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning:spotipy", "ignore:You're using:DeprecationWarning"
)
CALLBACK = "http://127.0.0.1:9/callback"


@pytest.fixture(scope="module")
def ready(catalogue: Catalogue) -> Iterator[Ready]:
    with running(SandboxConfig(), catalogue) as where:
        yield where


def test_spotipy(ready: Ready, monkeypatch: pytest.MonkeyPatch) -> None:
    accounts = spotipy.SpotifyClientCredentials
    monkeypatch.setattr(accounts, "OAUTH_TOKEN_URL", f"{ready.accounts_url}/api/token")
    with requests.Session() as session:
        memory = spotipy.MemoryCacheHandler()
        auth = accounts(ready.client_id, ready.client_secret, cache_handler=memory, requests_session=session)
        client = spotipy.Spotify(auth_manager=auth, requests_session=session)
        client.prefix = f"{ready.api_url}/"
        _whole_tour_of_spotipy(client)


def _whole_tour_of_spotipy(client: Any) -> None:
    artist = client.search("방탄소년단", type="artist")["artists"]["items"][0]
    assert artist["name"] == "BTS"
    assert client.artist(artist["id"])["uri"] == artist["uri"]
    assert client.artists([artist["id"], "z" * 22])["artists"][1] is None
    page = client.artist_albums(artist["id"], limit=1)
    albums = list(page["items"])
    while page["next"]:
        page = client.next(page)
        albums += page["items"]
    assert len(albums) == page["total"] > 1
    album = client.album(albums[0]["id"])
    assert album["total_tracks"] == client.album_tracks(album["id"])["total"]
    assert client.albums([album["id"]])["albums"][0]["label"] == album["label"]
    top = client.artist_top_tracks(artist["id"], country="KR")["tracks"]
    assert 1 <= len(top) <= 10
    assert client.track(top[0]["id"])["name"] == top[0]["name"]
    assert client.tracks([top[0]["id"]])["tracks"][0]["id"] == top[0]["id"]
    assert client.audio_features([top[0]["id"]])[0]["id"] == top[0]["id"]
    assert len(client.artist_related_artists(artist["id"])["artists"]) > 0
    assert client.new_releases(limit=5)["albums"]["limit"] == 5
    assert "KR" in client.available_markets()["markets"]
    with pytest.raises(spotipy.SpotifyException) as error:
        client.artist("z" * 22)
    assert error.value.http_status == 404
    assert "Resource not found" in error.value.msg


def test_spotipy_reads_playlists(ready: Ready, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        spotipy.SpotifyClientCredentials, "OAUTH_TOKEN_URL", f"{ready.accounts_url}/api/token"
    )
    with requests.Session() as session:
        auth = spotipy.SpotifyClientCredentials(
            ready.client_id,
            ready.client_secret,
            cache_handler=spotipy.MemoryCacheHandler(),
            requests_session=session,
        )
        client = spotipy.Spotify(auth_manager=auth, requests_session=session)
        client.prefix = f"{ready.api_url}/"
        playlist_id = catalogue.playlists()[0]
        whole = client.playlist(playlist_id)
        page = client.playlist_items(playlist_id, limit=3)
        items = list(page["items"])
        while page["next"]:
            page = client.next(page)
            items += page["items"]
        assert len(items) == whole["items"]["total"] == page["total"]


@pytest.mark.parametrize("pkce", [True, False])
def test_spotipy_logs_a_user_in(ready: Ready, monkeypatch: pytest.MonkeyPatch, pkce: bool) -> None:
    kind = spotipy.SpotifyPKCE if pkce else spotipy.SpotifyOAuth
    monkeypatch.setattr(kind, "OAUTH_AUTHORIZE_URL", f"{ready.accounts_url}/authorize")
    monkeypatch.setattr(kind, "OAUTH_TOKEN_URL", f"{ready.accounts_url}/api/token")
    secret = {} if pkce else {"client_secret": ready.client_secret}
    with requests.Session() as session:
        auth = kind(
            client_id=ready.client_id,
            redirect_uri=CALLBACK,
            scope="user-top-read",
            state="s",
            cache_handler=spotipy.MemoryCacheHandler(),
            requests_session=session,
            open_browser=False,
            **secret,
        )
        sent_back = session.get(auth.get_authorize_url(), allow_redirects=False, timeout=10)
        state, code = auth.parse_auth_response_url(sent_back.headers["Location"])
        assert state == "s"
        first = auth.get_access_token(code, check_cache=False)
        assert first
        old = auth.cache_handler.get_cached_token()
        new = auth.refresh_access_token(old["refresh_token"])
        assert new["refresh_token"] != old["refresh_token"]
        with pytest.raises(spotipy.SpotifyOauthError, match="invalid_grant"):
            auth.refresh_access_token(old["refresh_token"])


@pytest.fixture
def tekore_at_the_sandbox(ready: Ready, monkeypatch: pytest.MonkeyPatch) -> Ready:
    monkeypatch.setattr(tekore_base, "prefix", f"{ready.api_url}/")
    monkeypatch.setattr(tekore_accounts, "OAUTH_TOKEN_URL", f"{ready.accounts_url}/api/token")
    monkeypatch.setattr(tekore_accounts, "OAUTH_AUTHORIZE_URL", f"{ready.accounts_url}/authorize")
    return ready


def test_tekore(tekore_at_the_sandbox: Ready, catalogue: Catalogue) -> None:
    ready = tekore_at_the_sandbox
    sender = tekore.SyncSender()
    credentials = tekore.Credentials(ready.client_id, ready.client_secret, sender=sender)
    token = credentials.request_client_token()
    client = tekore.Spotify(token, sender=sender)
    (artists,) = client.search("방탄소년단", types=("artist",))
    artist = artists.items[0]
    assert artist.name == "BTS"
    assert client.artist(artist.id) == artist
    albums = list(client.all_items(client.artist_albums(artist.id, limit=1)))
    assert len(albums) > 1
    album = client.album(albums[0].id)
    assert client.album_tracks(album.id).total == album.total_tracks
    top = client.artist_top_tracks(artist.id, "KR")
    assert client.track(top[0].id).name == top[0].name
    assert client.tracks([one.id for one in top])[0].id == top[0].id
    assert client.track_audio_features(top[0].id).id == top[0].id
    assert client.tracks_audio_features([top[0].id])[0].tempo is not None
    assert client.artist_related_artists(artist.id)
    assert client.new_releases(limit=5).limit == 5
    playlist = client.playlist(catalogue.playlists()[0])
    assert len(list(client.all_items(client.playlist_items(playlist.id)))) == playlist.items.total
    with pytest.raises(tekore.NotFound):
        client.artist("z" * 22)
    with pytest.raises(tekore.BadRequest, match="Invalid limit"):
        client.artist_albums(artist.id, limit=51)
    sender.close()


def test_tekore_logs_a_user_in(tekore_at_the_sandbox: Ready) -> None:
    ready = tekore_at_the_sandbox
    credentials = tekore.Credentials(ready.client_id, redirect_uri=CALLBACK)
    url, verifier = credentials.pkce_user_authorisation(scope="user-top-read")
    sent_back = requests.get(url, allow_redirects=False, timeout=10)
    code = tekore.parse_code_from_url(sent_back.headers["Location"])
    token = credentials.request_pkce_token(code, verifier)
    assert credentials.refresh_pkce_token(token.refresh_token).refresh_token != token.refresh_token
    credentials.close()
