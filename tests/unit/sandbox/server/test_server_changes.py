"""An API that changes, at the seam where answers leave the server."""

from __future__ import annotations

import pytest

from tunelake.errors import ConfigError
from tunelake.sandbox.server.changes import changed, parse_changes

ANSWER = {
    "tracks": [{"type": "track", "name": "T", "popularity": 7, "artists": [{"type": "artist", "name": "A"}]}]
}


@pytest.mark.parametrize(
    ("text", "track", "artist"),
    [
        ("remove:track.popularity", {"name": "T"}, {"name": "A"}),
        ("rename:track.popularity=score", {"name": "T", "score": 7}, {"name": "A"}),
        ("retype:track.popularity", {"name": "T", "popularity": "7"}, {"name": "A"}),
        ("retype:artist.name", {"name": "T", "popularity": 7}, {"name": {"text": "A"}}),
        ("add:artist.mood", {"name": "T", "popularity": 7}, {"name": "A", "mood": "something new"}),
        ("remove:track.nothing", {"name": "T", "popularity": 7}, {"name": "A"}),
    ],
)
def test_every_object_of_a_kind_changes_and_no_other(
    text: str, track: dict[str, object], artist: dict[str, object]
) -> None:
    artists = [{"type": "artist"} | artist]
    assert changed(ANSWER, parse_changes([text])) == {
        "tracks": [{"type": "track"} | track | {"artists": artists}]
    }


@pytest.mark.parametrize(
    "text",
    ["", "remove", "remove:track", "remove:show.name", "rename:track.name", "add:track.x=y", "shake:track.x"],
)
def test_what_is_no_change_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match=r"is not understood: write remove:OBJECT\.FIELD"):
        parse_changes([text])
