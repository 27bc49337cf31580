from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.lake import pages

from tunelake.lake.lake import Lake
from tunelake.publish.memory_store import MemoryCatalogue, MemoryDocuments
from tunelake.work.stores import Stores


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """A lake that knows two artists of one genre; Adele's songs were collected."""
    lake = Lake(tmp_path / "home", reader=pages.read)
    lake.landing.append(
        pages.make(
            0,
            {
                "artists": [{"artist_id": "A", "name": "Adele"}, {"artist_id": "D", "name": "Dido"}],
                "artist_genres": [
                    {"artist_id": "A", "genre": "pop", "position": 0},
                    {"artist_id": "D", "genre": "pop", "position": 0},
                ],
                "tracks": [{"track_id": "T", "name": "Hello"}, {"track_id": "U", "name": "Thank You"}],
                "track_artists": [
                    {"track_id": "T", "artist_id": "A", "position": 0},
                    {"track_id": "U", "artist_id": "D", "position": 0},
                ],
            },
            source="sandbox",
        )
    )
    return lake


@pytest.fixture
def stores() -> Stores:
    """Stores in memory."""
    return Stores(MemoryCatalogue(), MemoryDocuments())
