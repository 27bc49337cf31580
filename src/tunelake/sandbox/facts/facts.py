"""The facts as a catalogue: what is known is kept, the numbers around it are generated."""

from __future__ import annotations

from tunelake.sandbox.catalogue import About, Album, Artist, Track
from tunelake.sandbox.draw import Draw, key_of
from tunelake.sandbox.facts.read import FactAlbum, FactArtist, read_facts
from tunelake.sandbox.ids import id_of
from tunelake.sandbox.memory import RELATED, Holding, MemoryCatalogue
from tunelake.sandbox.places import MARKETS
from tunelake.sandbox.sound import features_of

_RECORDS = "Sandbox Records"  # the facts do not say who published a record
LABEL = "facts about real artists with generated numbers"


def facts_catalogue() -> MemoryCatalogue:
    """Real names, years, genres and songs; every number and code beside them is generated."""
    facts = read_facts()
    holding = Holding()
    for fact in facts:
        artist = _artist(fact)
        holding.artists[artist.id] = artist
    for fact in facts:
        for number, album in enumerate(fact.albums):
            _add_album(holding, fact, album, number)
    for fact in facts:
        holding.related[_artist_id(fact.name)] = _related(fact, facts)
    return MemoryCatalogue(holding, About(label=LABEL, rights="all"), MARKETS)


def _artist_id(name: str) -> str:
    return id_of("fact", "artist", name)


def _artist(fact: FactArtist) -> Artist:
    draw = Draw(key_of(fact.name), 1)
    popularity = draw.between(55, 95)
    return Artist(
        id=_artist_id(fact.name),
        name=fact.name,
        aliases=fact.aliases,
        genres=fact.genres,
        popularity=popularity,
        followers=int(10 ** (popularity / 14 + draw.unit())),
        country=fact.country,
    )


def _add_album(holding: Holding, fact: FactArtist, album: FactAlbum, number: int) -> None:
    album_id = id_of("fact", "album", fact.name, album.name)
    draw = Draw(key_of(fact.name), 2, number)
    tracks = [_track(holding, fact, album, album_id, place) for place in range(1, len(album.songs) + 1)]
    holding.albums[album_id] = Album(
        id=album_id,
        name=album.name,
        album_type=album.kind,
        artist_ids=(_artist_id(fact.name),),
        release_date=str(album.year),
        release_date_precision="year",
        track_ids=tuple(track.id for track in tracks),
        label=_RECORDS,
        upc=f"{draw.below(10**12):012d}",
        popularity=draw.between(40, 85),
        markets=MARKETS,
    )


def _track(holding: Holding, fact: FactArtist, album: FactAlbum, album_id: str, place: int) -> Track:
    song = album.songs[place - 1]
    name, *guests = (song,) if isinstance(song, str) else song
    track_id = id_of("fact", "track", fact.name, album.name, name)
    key = key_of(f"{fact.name}\n{name}")
    draw = Draw(key, 3)
    track = Track(
        id=track_id,
        name=name,
        album_id=album_id,
        artist_ids=tuple(_artist_id(one) for one in (fact.name, *guests)),
        duration_ms=draw.between(150_000, 320_000),
        track_number=place,
        isrc=f"{fact.country}ZZZ{album.year % 100:02d}{draw.below(100_000):05d}",
        popularity=draw.between(45, 90),
        markets=MARKETS,
    )
    holding.tracks[track_id] = track
    holding.features[track_id] = features_of(
        track_id,
        genre=fact.genres[0],
        artist_key=key_of(fact.name),
        track_key=key,
        duration_ms=track.duration_ms,
    )
    return track


def _related(fact: FactArtist, facts: tuple[FactArtist, ...]) -> tuple[str, ...]:
    """Those with whom most genres are shared; guests count as much as a genre, a country half of one."""
    guests = _guests(fact)
    near: list[tuple[float, str]] = []
    for other in facts:
        if other.name == fact.name:
            continue
        shared = len(set(fact.genres) & set(other.genres)) / max(1, len({*fact.genres, *other.genres}))
        together = other.name in guests or fact.name in _guests(other)
        score = shared + together + 0.2 * (shared > 0 and other.country == fact.country)
        if score > 0:
            near.append((-score, other.name))
    return tuple(_artist_id(name) for _, name in sorted(near)[:RELATED])


def _guests(fact: FactArtist) -> set[str]:
    songs = (song for album in fact.albums for song in album.songs if not isinstance(song, str))
    return {guest for song in songs for guest in song[1:]}
