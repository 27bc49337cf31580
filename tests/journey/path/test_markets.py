"""What the tables keep apart and keep whole, asked through SQL."""

from __future__ import annotations

import pytest
from tests.journey.path.conftest import MakeHome


@pytest.mark.slow
def test_two_markets_all_genres_and_plain_years(make_home: MakeHome) -> None:
    home = make_home("--artists", "300")
    words = ("collect", "artists", "--name", "BTS", "--name", "Radiohead", "--with", "top-tracks,albums")
    home.run(*words, "--market", "US", "--market", "KR")
    rankings = home.sql("""
        select market, artist_id, count(*) as n, count(distinct rank) as ranks from top_tracks group by all
    """)
    assert sorted(row["market"] for row in rankings) == ["KR", "KR", "US", "US"]
    assert all(row["n"] == row["ranks"] > 5 for row in rankings)
    unknown = "select count(*) as n from tracks anti join market_sets using (source, market_set)"
    assert home.sql(unknown) == [{"n": 0}]

    genres = home.sql("""
        select genre from artist_genres join artists using (source, artist_id)
        where name = 'BTS' order by position
    """)
    assert [row["genre"] for row in genres] == ["k-pop", "k-pop boy group", "pop"]
    profile = home.sql("select count(*) as n from artists where name = 'BTS'")
    assert profile == [{"n": 1}]

    dates = home.sql("""
        select distinct release_date from albums join album_artists using (source, album_id)
        join artists using (source, artist_id)
        where artists.name = 'BTS' and release_date_precision = 'year'
    """)
    assert {"2016", "2020"} <= {row["release_date"] for row in dates}
    assert all(len(row["release_date"]) == 4 for row in dates)

    # A third market later leaves the two as they are.
    before = home.sql("from top_tracks where market in ('US', 'KR') order by all")
    home.run(*words, "--market", "JP")
    assert home.sql("from top_tracks where market in ('US', 'KR') order by all") == before
    assert home.one("select count(distinct market) from top_tracks") == 3

    home.run("build")
    by_market = "select count(distinct market) from artist_top_tracks where kind = 'top_tracks'"
    assert home.one(by_market) == 3
    home.environ["TUNELAKE_MARKET"] = "KR"
    home.run("build")
    card = home.run("ask", "BTS 좋아해", "--offline")["document"]
    assert card["genres"] == ["k-pop", "k-pop boy group", "pop"]
    in_korea = home.sql("""
        select track_id from top_tracks join artists using (source, artist_id)
        where market = 'KR' and artists.name = 'BTS' order by rank
    """)
    assert [track["track_id"] for track in card["top_tracks"]] == [row["track_id"] for row in in_korea]
