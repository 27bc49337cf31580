"""The relational tables that serve, declared once; every store derives its own form from them. Pure.

The first table is the one that the others refer to.
"""

from __future__ import annotations

from typing import Literal

import msgspec

Kind = Literal["text", "integer", "real", "boolean"]


class Column(msgspec.Struct, frozen=True):
    """A column; `null` says whether a value may be absent."""

    name: str
    kind: Kind = "text"
    null: bool = False


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """A table of the catalogue. Every one has a column `entity_id`.

    Attributes:
        meaning: What a row says.
        key: Columns that name a row.
        mart: The mart whose rows these are, one to one; "" where several rows come of one.
        refers: Columns that name an artist of table `artists`.
        indexes: Columns that people look rows up by, beside the key.
    """

    name: str
    meaning: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    mart: str = ""
    refers: tuple[str, ...] = ("entity_id",)
    indexes: tuple[tuple[str, ...], ...] = ()

    @property
    def short(self) -> frozenset[str]:
        """Columns that a store has to find rows by: their texts are ids and other short words."""
        return frozenset((*self.key, *self.refers, *(name for index in self.indexes for name in index)))

    @property
    def names(self) -> tuple[str, ...]:
        """Column names in order."""
        return tuple(column.name for column in self.columns)


TABLES: tuple[Table, ...] = (
    Table(
        name="artists",
        meaning="An artist as its source describes it.",
        mart="artist_profile",
        key=("entity_id",),
        refers=(),
        indexes=(("source", "artist_id"), ("country",)),
        columns=(
            Column("entity_id"),
            Column("source"),
            Column("artist_id"),
            Column("name"),
            Column("popularity", "integer", null=True),
            Column("followers", "integer", null=True),
            Column("country", null=True),
            Column("url", null=True),
            Column("image_url", null=True),
            Column("rights", null=True),
            Column("page_id", null=True),
        ),
    ),
    Table(
        name="artist_genres",
        meaning="A genre of an artist; position 0 is what the source names first.",
        key=("entity_id", "position"),
        indexes=(("genre",),),
        columns=(Column("entity_id"), Column("position", "integer"), Column("genre")),
    ),
    Table(
        name="names",
        meaning="A name by which an artist is found, folded; kind is name, alias or short (without The). "
        "digest stands for the whole of folded, head is how it begins: both are there to be indexed.",
        key=("entity_id", "digest"),
        indexes=(("digest",), ("head",)),
        columns=(
            Column("folded"),
            Column("entity_id"),
            Column("kind"),
            Column("name"),
            Column("popularity", "integer", null=True),
            Column("collected", "boolean"),
            Column("digest"),
            Column("head"),
        ),
    ),
    Table(
        name="top_tracks",
        meaning="A track an artist is shown with, in a market (empty: its newest songs).",
        mart="artist_top_tracks",
        key=("entity_id", "market", "track_id"),
        indexes=(("track_id",),),
        columns=(
            Column("entity_id"),
            Column("market"),
            Column("rank", "integer"),
            Column("track_id"),
            Column("name"),
            Column("album", null=True),
            Column("year", "integer", null=True),
            Column("duration_ms", "integer", null=True),
            Column("popularity", "integer", null=True),
            Column("url", null=True),
            Column("kind"),
        ),
    ),
    Table(
        name="albums",
        meaning="An album of an artist; date is the text as given.",
        mart="discography",
        key=("entity_id", "album_id"),
        indexes=(("album_id",), ("date",)),
        columns=(
            Column("entity_id"),
            Column("album_id"),
            Column("name"),
            Column("kind"),
            Column("date", null=True),
            Column("precision", null=True),
            Column("tracks", "integer", null=True),
        ),
    ),
    Table(
        name="similar_artists",
        meaning="A neighbour of an artist, 1 the nearest; reasons are JSON.",
        mart="similar_artists",
        key=("entity_id", "other_entity_id"),
        refers=("entity_id", "other_entity_id"),
        columns=(
            Column("entity_id"),
            Column("other_entity_id"),
            Column("rank", "integer"),
            Column("score", "real"),
            Column("distance", "real", null=True),
            Column("sound", "real", null=True),
            Column("genres", "real", null=True),
            Column("collaboration", "real", null=True),
            Column("reasons"),
        ),
    ),
)
