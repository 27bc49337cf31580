from __future__ import annotations

import pytest

from tunelake.domain.rights import Use, allowed, refusal
from tunelake.domain.states import State

USES: tuple[Use, ...] = ("display", "model", "export")


@pytest.mark.parametrize("rights", ["all", "owner", "cc0"])
def test_own_and_free_content_may_be_used_for_everything(rights: str) -> None:
    assert all(allowed(rights, use) for use in USES)


@pytest.mark.parametrize("rights", ["spotify", "", "never-heard-of", "ALL"])
def test_all_else_may_only_be_shown(rights: str) -> None:
    assert [use for use in USES if allowed(rights, use)] == ["display"]


def test_a_stated_right_opens_one_use_of_one_tag() -> None:
    stated = ("spotify:model",)
    assert allowed("spotify", "model", stated)
    assert not allowed("spotify", "export", stated)
    assert not allowed("label", "model", stated)


def test_a_refusal_says_what_to_state() -> None:
    assert "TUNELAKE_RIGHTS=spotify:model" in refusal("spotify", "model")


def test_what_is_still_owed_is_a_gap_and_what_is_final_is_none() -> None:
    owed = {State.WANTED, State.DEFERRED, State.QUARANTINED}
    assert {state for state in State if state.is_gap} == owed
