"""However answers came in and were landed, the tables equal those that a replay makes of them."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.property.lake.test_lake_current_state import playlist_reading, simple_page
from tests.unit.lake.pages import read

from tunelake.lake.lake import Lake


@settings(max_examples=8, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_replay_finds_no_difference(data: st.DataObject) -> None:
    found = data.draw(st.lists(simple_page(), max_size=5))
    found += [page for one in data.draw(st.lists(playlist_reading(), max_size=2)) for page in one]
    pages = data.draw(st.permutations(list({page.page_id: page for page in found}.values())))
    with tempfile.TemporaryDirectory() as folder:
        lake = Lake(Path(folder) / "home", reader=read)
        for page in pages:
            lake.landing.append(page)
            if data.draw(st.booleans()):
                lake.land()
        report = lake.replay(check=True)
        assert report.differing == []
        assert report.share == 1
