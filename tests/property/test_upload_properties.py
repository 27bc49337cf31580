"""Whatever a file holds: no row is lost, nothing is invented, the same file says the same."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from tunelake.domain.pages import Page
from tunelake.lake.upload.read import read_rows
from tunelake.lake.upload.report import UploadReport
from tunelake.lake.upload.run import upload

COLUMNS = ["track_id", "track_name", "artist_name", "popularity", "playlist_name", "energy", "released"]
CELLS = st.one_of(
    st.sampled_from(
        ["", "_", "NA", "a", "b", "A", "7", "0.5", "101", "1997", "1997-13", "nan", "-1", "1e400"]
    ),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=6),
)
# Ids and names of a few, so that rows meet; now and then a row of another length or of anything at all.
FEW = st.sampled_from(["", "_", "a", "b", "A", "c"])
NUMBER = st.sampled_from(["", "0", "0.5", "1", "7", "101"])
GOOD = st.tuples(FEW, FEW, FEW, NUMBER, FEW, NUMBER, st.sampled_from(["", "1997", "1997-13"])).map(list)
FILES = st.lists(st.one_of(GOOD, GOOD, st.lists(CELLS, min_size=1, max_size=8)), min_size=1, max_size=12)


class Noon:
    def now(self) -> datetime:
        return datetime(2026, 5, 1, 12, tzinfo=UTC)


def uploaded(cells: list[list[str]]) -> tuple[UploadReport, list[Page]]:
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerows([COLUMNS, *cells])
    pages: list[Page] = []
    with TemporaryDirectory() as folder:
        path = Path(folder) / "f.csv"
        path.write_bytes(text.getvalue().encode())
        return upload(path, "tracks-features", landing=pages, clock=Noon()), pages


@given(FILES)
def test_every_row_is_taken_or_rejected_and_none_is_read_otherwise_later(cells: list[list[str]]) -> None:
    report, pages = uploaded(cells)
    assert report.rows_read == report.rows_taken + report.rows_rejected == len(cells)
    rejected = [one for page in pages for one in read_rows(page).rejected]
    assert len(rejected) == report.rows_rejected
    kept = sum(page.body.count(b"\n") for page in pages)
    assert kept == len(cells)


@given(FILES)
def test_one_upload_says_one_thing_about_each(cells: list[list[str]]) -> None:
    _, pages = uploaded(cells)
    for table, key in (
        ("tracks", ["track_id"]),
        ("artists", ["artist_id"]),
        ("playlists", ["playlist_id"]),
        ("audio_features", ["track_id"]),
        ("playlist_items", ["playlist_id", "position"]),
        ("track_artists", ["track_id", "artist_id"]),
    ):
        found = [
            tuple(columns[name][row] for name in key)
            for page in pages
            if (columns := read_rows(page).tables.get(table))
            for row in range(len(columns[key[0]]))
        ]
        assert len(found) == len(set(found))


@given(FILES)
def test_the_same_file_makes_the_same_pages(cells: list[list[str]]) -> None:
    assert uploaded(cells)[1] == uploaded(cells)[1]
