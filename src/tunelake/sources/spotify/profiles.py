"""What kinds of application may call; which kind a client is, is found out and never assumed. Pure."""

from __future__ import annotations

from typing import Literal

Profile = Literal["extended", "development"]
PROFILES: tuple[Profile, ...] = ("extended", "development")

# Answered to some applications only: batches, rankings, features. A refusal is final until asked anew.
GATED = frozenset({
    "artists", "albums", "tracks", "top_tracks", "related_artists", "audio_features", "new_releases",
})  # fmt: skip
# Those of them that tell the kind of application: extended ones have them all.
TELLING = frozenset({"artists", "albums", "tracks", "top_tracks"})

# Page sizes to try in a list, largest first; the API's word "Invalid limit" leads to the next.
# The documents speak of ten, but some applications have had fifty.
PAGE_SIZES = (50, 10, 5)

LARGEST_PAGE: dict[Profile, int] = {"extended": 50, "development": 10}
CLOSED: dict[Profile, frozenset[str]] = {"extended": frozenset(), "development": GATED}


def profile_of(closed: frozenset[str] | set[str]) -> Profile:
    """The profile that fits what was found closed: only development mode lacks batches by id."""
    return "development" if closed & TELLING else "extended"
