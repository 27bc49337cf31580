from __future__ import annotations

import pytest

from tunelake.collect.control import place_of
from tunelake.errors import ConfigError


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("postgresql://me:hu%25sh%2F@db:5433/lake?sslmode=require", "db:5433/lake"),
        ("postgresql://me@[::1]:5433/lake", "[::1]:5433/lake"),
        ("postgresql:///lake?host=/run/postgresql&user=me", "localhost/lake"),
    ],
)
def test_a_database_is_told_without_user_password_and_options(url: str, place: str) -> None:
    assert place_of(url) == f"PostgreSQL at {place}"


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:hu%sh@db/lake",
        "postgresql://me:hu/sh@db/lake",
        "postgresql://me:hu#sh@db/lake",
        "postgresql://me:hu?sh@db/lake",
        "postgresql://me:hu@sh@db/lake",
        "postgresql:/me:hush@db/lake",
        " postgresql://me:hush@db/lake",
    ],
)
def test_an_address_that_is_none_is_refused_before_a_part_of_its_password_is_told(url: str) -> None:
    with pytest.raises(ConfigError, match="%40") as told:
        place_of(url)
    assert "hu" not in str(told.value).replace("database", "")
