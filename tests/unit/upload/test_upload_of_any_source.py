"""Files of any source name land through the product's own reader."""

from __future__ import annotations

from pathlib import Path

from tunelake.bootstrap.tunelake import Tunelake
from tunelake.settings import Settings


def test_a_file_of_a_source_that_nobody_listed_lands(tmp_path: Path) -> None:
    home = Tunelake(Settings(home=tmp_path / "home"))
    path = tmp_path / "artists.csv"
    path.write_text("artist_id,name\na1,Alpha\na2,Beta\n", encoding="utf-8")
    assert home.upload(path, "artists", source="soundgraph").rows_taken == 2
    report = home.land()
    assert (report.rejected, report.rows["artists"]) == (0, 2)
    rows = home.table("artists").sort_by("artist_id").to_pylist()
    assert [(row["source"], row["name"]) for row in rows] == [("soundgraph", "Alpha"), ("soundgraph", "Beta")]
