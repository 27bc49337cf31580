"""A search of the sandbox forgives slips where it finds nobody, and only there."""

from __future__ import annotations

import pytest

from tunelake.sandbox.open import open_catalogue
from tunelake.sandbox.slips import Slips


@pytest.mark.parametrize(
    ("typed", "meant"), [("Metalica", "Metallica"), ("방탄소년담", "BTS"), ("Radiohaed", "Radiohead")]
)
def test_a_slip_is_forgiven(typed: str, meant: str) -> None:
    catalogue = open_catalogue(artists=50, seed=1, directory=None)
    found = [catalogue.artist(one) for one in catalogue.near(typed)]
    assert [one.name for one in found if one] == [meant]


@pytest.mark.parametrize("typed", ["", "!!!", "U3", "Nobody Anywhere", "Q" * 5000, "\u200f"])
def test_what_is_near_nobody_finds_nobody(typed: str) -> None:
    assert Slips([("id", ("U2", "Metallica", "!!!"))]).near(typed) == []
