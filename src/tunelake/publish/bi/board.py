"""The dashboard over the published tables: what it shows, in no tool's words. Pure."""

from __future__ import annotations

from typing import Literal

import msgspec

from tunelake.publish.schema import Kind

TITLE = "Music catalogue"
SLUG = "tunelake"
WIDTH = 12
"""Columns of a row of the dashboard."""


class View(msgspec.Struct, frozen=True, kw_only=True):
    """Rows that a chart needs and no published table has.

    Attributes:
        name: Of the view, beside those of the tables.
        meaning: What a row says.
        columns: Its columns: name and kind, as those of `schema.Column`.
        sql: One SELECT over the published tables, in words that every database of theirs understands.
    """

    name: str
    meaning: str
    columns: tuple[tuple[str, Kind], ...]
    sql: str


class Chart(msgspec.Struct, frozen=True, kw_only=True):
    """One chart.

    Attributes:
        title: What it shows; names the chart for good: a new title is a new chart.
        meaning: What the reader has to know.
        of: The table or view it shows.
        form: How it is drawn.
        across: Column along which it counts; of a histogram and of a graph, too.
        split: Column that splits each bar; where a graph's line leads to.
        measure: What it shows of each: an SQL aggregate; none: rows as they are.
        columns: Of a list, its columns in order.
        order: Of a list, the columns to order by and whether the greatest comes first.
        where: Which rows, as SQL; none: all.
        most: So many bars, lines or rows.
        across_sorted: Bars stand in the order of `across`, not by length.
        width: Of the twelve columns of the dashboard.
        height: In units of the dashboard, about 8 px.
    """

    title: str
    meaning: str
    of: str
    form: Literal["number", "bars", "histogram", "list", "graph"]
    across: str = ""
    split: str = ""
    measure: str = ""
    columns: tuple[str, ...] = ()
    order: tuple[tuple[str, bool], ...] = ()
    where: str = ""
    most: int = 100
    across_sorted: bool = False
    width: int = 6
    height: int = 50


VIEWS = (
    View(
        name="releases",
        meaning="An album with the year of its date and its artist.",
        columns=(
            ("artist", "text"), ("album", "text"), ("kind", "text"), ("year", "text"),
            ("tracks", "integer"),
        ),
        sql="select artists.name as artist, albums.name as album, albums.kind, "
        "substring(albums.date, 1, 4) as year, albums.tracks "
        "from albums join artists on artists.entity_id = albums.entity_id",
    ),
    View(
        name="neighbours",
        meaning="Two similar artists by name, with what makes them so; 1 is the nearest.",
        columns=(
            ("artist", "text"), ("similar", "text"), ("rank", "integer"), ("score", "real"),
            ("sound", "real"), ("genres", "real"), ("collaboration", "real"),
        ),
        sql="select artists.name as artist, others.name as similar, near.rank, near.score, near.sound, "
        "near.genres, near.collaboration from similar_artists as near "
        "join artists on artists.entity_id = near.entity_id "
        "join artists as others on others.entity_id = near.other_entity_id",
    ),
)  # fmt: skip


def _number(title: str, meaning: str, of: str, measure: str) -> Chart:
    return Chart(title=title, meaning=meaning, of=of, form="number", measure=measure, width=3, height=16)


ROWS: tuple[tuple[Chart, ...], ...] = (
    (
        _number("Artists", "Known by name or collected.", "artists", "count(*)"),
        _number("Albums", "Of these artists.", "albums", "count(distinct album_id)"),
        _number("Songs", "That artists are shown with.", "top_tracks", "count(distinct track_id)"),
        _number("Genres", "As the sources name them.", "artist_genres", "count(distinct genre)"),
    ),
    (
        Chart(
            title="Artists by genre", meaning="The 20 genres of most artists; an artist has several.",
            of="artist_genres", form="bars", across="genre", measure="count(distinct entity_id)", most=20,
        ),
        Chart(
            title="Popularity of artists", meaning="How many artists have which popularity (0-100).",
            of="artists", form="histogram", across="popularity", where="popularity is not null",
        ),
    ),
    (
        Chart(
            title="Releases by year", meaning="Albums by the year of their date, by kind.",
            of="releases", form="bars", across="year", split="kind", measure="count(*)",
            where="year is not null", most=1000, across_sorted=True, width=12,
        ),
    ),
    (
        Chart(
            title="Most popular artists", meaning="By the popularity that their source states.",
            of="artists", form="list", columns=("name", "popularity", "followers", "country", "source"),
            order=(("popularity", True), ("name", False)), where="popularity is not null", most=1000,
        ),
        Chart(
            title="Collaborations", meaning="Artists who worked together; a line for each two.",
            of="neighbours", form="graph", across="artist", split="similar",
            measure="max(collaboration)", where="collaboration > 0", most=200,
        ),
    ),
    (
        Chart(
            title="Similar artists", meaning="The five nearest of each artist, and what makes them near.",
            of="neighbours", form="list",
            columns=("artist", "rank", "similar", "score", "sound", "genres", "collaboration"),
            order=(("artist", False), ("rank", False)), where="rank <= 5", most=1000, width=12, height=60,
        ),
    ),
)  # fmt: skip

CHOOSERS: tuple[tuple[str, str, str], ...] = (("Artist", "neighbours", "artist"),)
"""What a reader of the dashboard can choose: words, table or view, column."""
