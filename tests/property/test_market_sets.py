"""Two lists of markets have one name exactly when they are the same set."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from tunelake.sources.spotify import wire
from tunelake.sources.spotify.markets import MarketSets

LISTS = st.lists(st.sampled_from(["AD", "AE", "DE", "KR", "US"]), max_size=8)


def raw(codes: list[str] | None, indent: int) -> msgspec.Raw:
    text = msgspec.json.encode(codes)
    return msgspec.Raw(msgspec.json.format(text, indent=indent) if indent else text)


@given(st.lists(st.tuples(st.none() | LISTS, st.sampled_from([0, 2])), min_size=1, max_size=20))
def test_sets_have_one_name_each(told: list[tuple[list[str] | None, int]]) -> None:
    wrong: list[tuple[str, str]] = []
    sets = MarketSets(lambda *what: wrong.append(what))
    tracks = [wire.Track(id=str(at), available_markets=raw(*one)) for at, one in enumerate(told)]
    names = sets.column(tracks)["market_set"]
    assert wrong == []
    table = sets.table()
    known = dict(zip(table["market_set"], table["markets"], strict=True))
    assert (
        len(known) == len(table["market_set"]) == len({frozenset(one) for one, _ in told if one is not None})
    )
    for name, (codes, _) in zip(names, told, strict=True):
        if codes is None:
            assert name is None
        else:
            assert known[name] == " ".join(sorted(set(codes)))
    assert table["size"] == [len(one.split()) for one in known.values()]
