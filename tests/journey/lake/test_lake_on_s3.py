"""A lake in a bucket holds what the same lake in a folder holds; a home goes there and back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from tests.conftest import ServeSandbox
from tests.journey.path.name_list import aliases
from tests.servers.postgres import Postgres
from tests.servers.s3 import S3
from tests.servers.s3_proxy import s3_proxy

from tunelake.bootstrap.moving import move
from tunelake.bootstrap.tunelake import Tunelake
from tunelake.errors import ConfigError, Fatal
from tunelake.lake.contracts.contract import load as contracts
from tunelake.settings import Settings, load

pytestmark = pytest.mark.slow

# What differs between two homes that collected the same, beside times.
OWN = {"page_id", "image_url", "offset", "length", "body_hash", "listing_id"}
WITH = ["albums", "top-tracks", "related"]
NAMES = [line.text for line in aliases()][:2]


class Told:
    """Where a test may send its homes."""

    def __init__(self, ready: dict[str, str], s3: S3) -> None:
        self.ready = ready
        self.s3 = s3

    def settings(self, home: Path, **more: str) -> Settings:
        names = ("api_url", "accounts_url", "client_id", "client_secret")
        told = {f"TUNELAKE_SPOTIFY_{name.upper()}": self.ready[name] for name in names}
        own = {"TUNELAKE_HOME": str(home), "TUNELAKE_NAMES": "catalogue"}
        return load(told | self.s3.environ | own | more)

    def calls(self) -> int:
        """How many requests the sandbox has seen."""
        with urlopen(self.ready["control_url"]) as answer:  # noqa: S310  (loopback)
            seen: int = json.load(answer)["requests"]
        return seen


@pytest.fixture
def told(serve_sandbox: ServeSandbox, s3: S3) -> Told:
    return Told(serve_sandbox("--artists", "60"), s3)


def content(product: Tunelake, but: set[str]) -> dict[str, Any]:
    """Rows and a hash of them for every table, history and mart."""
    found: dict[str, Any] = {}
    with product.lake.connect() as connection:
        views = connection.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal").fetchall()
        for (name,) in sorted(views):
            table = connection.table(name)
            columns = [
                f'"{one}"'
                for one, kind in zip(table.columns, table.types, strict=True)
                if not but or (one not in but and not str(kind).startswith("TIMESTAMP"))
            ]
            row = f"hash(row({', '.join(columns)}))"
            if name != "mart_runs":
                query = f'SELECT count(*), bit_xor({row}), sum({row} % 1000003) FROM "{name}"'  # noqa: S608
                found[name] = connection.sql(query).fetchall()
    assert found.keys() > contracts().keys()
    return found


def work(product: Tunelake, names: list[str]) -> str:
    """Collect, land, build and ask."""
    assert product.collect_artists(names=names, with_=WITH).gaps == []
    product.build()
    return product.ask(names[0]).text


def test_a_lake_in_a_bucket_is_the_same_and_so_is_one_that_was_moved(
    told: Told, s3_bucket: str, postgres: Postgres, tmp_path: Path
) -> None:
    near = Tunelake(told.settings(tmp_path / "near"))
    far = Tunelake(
        told.settings(tmp_path / "far", TUNELAKE_LAKE_URL=f"s3://{s3_bucket}/far", TUNELAKE_NAMES="catalogue")
    )
    assert work(near, NAMES[:1]) == work(far, NAMES[:1])
    assert content(near, OWN) == content(far, OWN)
    with s3_proxy(told.s3.endpoint) as proxy:
        again = Tunelake(told.settings(tmp_path / "far", AWS_ENDPOINT_URL=proxy.endpoint))
        assert again.build().landed.pages == 0
        # To open each of some fifty tables anew would take at least three requests, and did, twice.
        assert proxy.seen < 60
        proxy.seen = 0
        again.sql("from artists")
        assert proxy.seen < 15

    url, control = f"s3://{s3_bucket}/a/lake", postgres.new_database()
    before = content(near, set())
    catalogue = postgres.new_database()
    moved = move(near.settings, lake=url, control=control, catalogue=catalogue, progress=_quiet)
    assert moved.lake
    assert moved.control
    assert moved.control["answers"]
    assert list(moved.budgets.values()) != [0]
    assert moved.catalogue
    assert moved.lake.answers.pages == before["raw_pages"][0][0]
    assert {"TUNELAKE_LAKE_URL", "TUNELAKE_CONTROL_URL"} <= moved.settings.keys()
    assert told.s3.secret_key not in str(moved.settings)
    assert not [one for one in moved.settings.values() if one in {control, catalogue}]
    assert move(near.settings, lake=url, control=control, progress=_quiet).lake is None

    # The old process cannot go on in the old place; a new one works in the new.
    with pytest.raises(Fatal, match="cannot keep an answer"):
        near.lake.landing.append(next(iter(far.lake.landing.pages())).page)
    there = Tunelake(told.settings(tmp_path / "near", TUNELAKE_CONTROL_URL=control))
    assert content(there, set()) == before
    seen = told.calls()
    assert there.collect_artists(names=NAMES[:1], with_=WITH).calls == 0
    assert told.calls() == seen
    assert there.collect_artists(names=NAMES[1:]).calls
    there.land()
    now = content(there, set())

    with pytest.raises(ConfigError, match="still holds the lake"):
        move(there.settings, lake="folder", progress=_quiet)
    assert move(there.settings, remove=True, progress=_quiet).removed == str(tmp_path / "near")
    back = move(there.settings, lake="folder", remove=True, progress=_quiet)
    assert back.removed == url
    assert not list(told.s3.client().list_objects_v2(Bucket=s3_bucket, Prefix="a/").get("Contents", ()))
    assert content(Tunelake(told.settings(tmp_path / "near")), set()) == now


def _quiet(stage: str, done: int, total: int | None) -> None:
    """Progress for nobody."""
