"""The fields an upload can have, what each is called in the wild, and where it goes. Pure data."""

from __future__ import annotations

from typing import Literal

import msgspec

Form = Literal["plain", "id", "ids", "names", "genres", "date", "year"]
"""How a value is read: "plain" as its column's type in the contract, else in a way of its own."""


class Field(msgspec.Struct, frozen=True):
    """One field of an upload.

    Attributes:
        name: What `--map their=ours` calls it.
        table: The table it goes to; with `column` it names type and limits, which the contract holds.
        column: Its column there.
        also: Other names files use for it, in folded form (letters and digits only).
        form: How its values are read.
    """

    name: str
    table: str
    column: str
    also: tuple[str, ...] = ()
    form: Form = "plain"


ARTIST = (
    Field(
        "artist_id", "artists", "artist_id", ("artistspotifyid", "artisturi", "spotifyartistid"), form="id"
    ),
    Field("artist_name", "artists", "name", ("artist", "trackartist", "artistname", "performer", "band")),
    Field("artist_genres", "artist_genres", "genre", ("artistgenre", "genre"), form="genres"),
    Field("artist_popularity", "artists", "popularity"),
    Field("artist_followers", "artists", "followers", ("artistfollowerstotal",)),
    Field("artist_aliases", "artist_aliases", "alias", ("artistalias",), form="names"),
    Field("country", "artists", "country", ("countrycode", "countrycodes", "artistcountry", "nationality")),
    Field(
        "active_from",
        "artists",
        "active_from",
        ("start", "startyear", "formed", "begin", "beginyear"),
        form="year",
    ),
    Field("active_to", "artists", "active_to", ("end", "endyear", "dissolved", "disbanded"), form="year"),
    Field("artist_url", "artists", "url", ("artistexternalurlsspotify",)),
    Field("artist_image_url", "artists", "image_url", ("artistimage",)),
)
ALBUM = (
    Field(
        "album_id",
        "albums",
        "album_id",
        ("trackalbumid", "spotifyalbumuri", "albumuri", "spotifyalbumid"),
        form="id",
    ),
    Field("album_name", "albums", "name", ("album", "trackalbumname", "spotifyalbum", "release")),
    Field("album_type", "albums", "album_type", ("albumalbumtype",)),
    Field(
        "album_release_date",
        "albums",
        "release_date",
        ("trackalbumreleasedate", "releasedate", "released"),
        form="date",
    ),
    Field("album_release_date_precision", "albums", "release_date_precision", ("releasedateprecision",)),
    Field("album_total_tracks", "albums", "total_tracks", ("totaltracks",)),
    Field("album_label", "albums", "label", ("label", "recordlabel")),
    Field("album_popularity", "albums", "popularity"),
    Field("upc", "albums", "upc", ("albumupc", "barcode", "externalidsupc")),
    Field("album_url", "albums", "url", ("albumexternalurlsspotify",)),
    Field("album_image_url", "albums", "image_url", ("albumimage", "albumcover")),
    Field("album_artist_id", "artists", "artist_id", form="id"),
    Field("album_artist_name", "artists", "name", ("albumartist",)),
)
TRACK = (
    Field(
        "track_id",
        "tracks",
        "track_id",
        ("spotifytrackuri", "trackuri", "spotifytrackid", "spotifyid"),
        form="id",
    ),
    Field("track_name", "tracks", "name", ("track", "song", "songname", "trackname", "title", "tracktitle")),
    Field("artist_names", "artists", "name", ("artists", "trackartists", "artistsname"), form="names"),
    Field("artist_ids", "artists", "artist_id", ("artistsid", "trackartistids"), form="ids"),
    Field("disc_number", "tracks", "disc_number", ("disc", "trackdiscnumber")),
    Field("track_number", "tracks", "track_number", ("trackno", "tracktracknumber")),
    Field("track_duration_ms", "tracks", "duration_ms", ("durationms",)),
    Field("explicit", "tracks", "explicit", ("trackexplicit",)),
    Field("isrc", "tracks", "isrc", ("trackisrc", "externalidsisrc")),
    Field("track_popularity", "tracks", "popularity"),
    Field("is_local", "tracks", "is_local", ("trackislocal",)),
    Field("preview_url", "tracks", "preview_url", ("trackpreviewurl",)),
    Field("track_url", "tracks", "url", ("trackexternalurlsspotify",)),
)
FEATURES = (
    Field("danceability", "audio_features", "danceability"),
    Field("energy", "audio_features", "energy"),
    Field("key", "audio_features", "key"),
    Field("loudness", "audio_features", "loudness"),
    Field("mode", "audio_features", "mode"),
    Field("speechiness", "audio_features", "speechiness"),
    Field("acousticness", "audio_features", "acousticness"),
    Field("instrumentalness", "audio_features", "instrumentalness"),
    Field("liveness", "audio_features", "liveness"),
    Field("valence", "audio_features", "valence"),
    Field("tempo", "audio_features", "tempo", ("bpm",)),
    Field("time_signature", "audio_features", "time_signature"),
)
PLAYLIST = (
    Field("playlist_id", "playlists", "playlist_id", ("playlisturi", "spotifyplaylistid"), form="id"),
    Field("playlist_name", "playlists", "name", ("playlist",)),
    Field("playlist_description", "playlists", "description"),
    Field("playlist_owner_id", "playlists", "owner_id", ("ownerid",)),
    Field("playlist_owner_name", "playlists", "owner_name", ("ownername", "ownerdisplayname")),
    Field("playlist_public", "playlists", "public", ("public",)),
    Field("playlist_collaborative", "playlists", "collaborative", ("collaborative",)),
    Field("playlist_followers", "playlists", "followers", ("followerstotal",)),
    Field("playlist_total_items", "playlists", "total_items", ("totalitems",)),
    Field("playlist_snapshot_id", "playlists", "snapshot_id", ("snapshotid",)),
    Field("playlist_url", "playlists", "url"),
)
ITEM = (
    Field("position", "playlist_items", "position", ("playlistposition",)),
    Field("added_at", "playlist_items", "added_at", ("dateadded", "addeddate")),
    Field("playlist_genre", "playlist_item_genres", "genre"),
    Field("playlist_subgenre", "playlist_item_genres", "subgenre"),
)


class Kind(msgspec.Struct, frozen=True):
    """What one row of a file is about.

    Attributes:
        name: What `--as` calls it.
        about: The entity whose bare names ("name", "popularity") are meant, for example "track".
        fields: All fields it can have.
        needs: Alternatives of which the file must have one, each a set of fields it must have all of.
        says: For people, what a row says.
    """

    name: str
    about: str
    fields: tuple[Field, ...]
    needs: tuple[tuple[tuple[str, ...], ...], ...]
    says: str


_A_TRACK = (("track_id",), ("track_name", "artist_name"), ("track_name", "artist_names"))
_AN_ALBUM = (("album_id",), ("album_name", "album_artist_name"), ("album_name", "artist_name"))
_AN_ARTIST = (("artist_id",), ("artist_name",))
_A_PLAYLIST = (("playlist_id",), ("playlist_name",))
_A_FEATURE = tuple((field.name,) for field in FEATURES)
_ARTIST_OF_TRACK = ARTIST[:2]

KINDS = {
    kind.name: kind
    for kind in (
        Kind("artists", "artist", ARTIST, (_AN_ARTIST,), "an artist, or an artist and one of its genres"),
        Kind("albums", "album", (*ALBUM, *_ARTIST_OF_TRACK), (_AN_ALBUM,), "an album"),
        Kind("tracks", "track", (*TRACK, *ALBUM, *_ARTIST_OF_TRACK), (_A_TRACK,), "a track"),
        Kind(
            "audio-features",
            "track",
            (*TRACK, *ALBUM, *_ARTIST_OF_TRACK, *FEATURES),
            (_A_TRACK, _A_FEATURE),
            "a track and its audio features as one provider measures them",
        ),
        Kind(
            "tracks-features",
            "track",
            (*TRACK, *ALBUM, *_ARTIST_OF_TRACK, *FEATURES, *PLAYLIST, *ITEM),
            (_A_TRACK, _A_FEATURE),
            "a track with audio features, in a playlist or not",
        ),
        Kind("playlists", "playlist", PLAYLIST, (_A_PLAYLIST,), "a playlist"),
        Kind(
            "playlist-items",
            "track",
            (*TRACK, *ALBUM, *_ARTIST_OF_TRACK, *PLAYLIST, *ITEM),
            (_A_PLAYLIST, _A_TRACK),
            "a track in a playlist",
        ),
    )
}
