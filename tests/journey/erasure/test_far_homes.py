"""A lake in a bucket and control state in PostgreSQL let go of an artist, too."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pyarrow.parquet as pq
import pytest
from tests.journey.erasure.searched import found
from tests.servers.postgres import Postgres
from tests.servers.s3 import S3

from tunelake.bootstrap import purging
from tunelake.bootstrap.tunelake import Tunelake
from tunelake.errors import ConfigError
from tunelake.settings import load

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

pytestmark = pytest.mark.slow

GONE, OTHER = "first-artist-of-one", "second-artist-of-one"


def _objects(s3: S3, bucket: str) -> Iterator[tuple[str, bytes]]:
    client = s3.client()
    for one in client.list_objects_v2(Bucket=bucket).get("Contents", ()):
        data = client.get_object(Bucket=bucket, Key=one["Key"])["Body"].read()
        yield one["Key"], data
        if one["Key"].endswith(".parquet"):
            yield one["Key"], repr(pq.read_table(io.BytesIO(data)).to_pylist()).encode()
        elif one["Key"].endswith(".zst"):
            yield one["Key"], zstd.decompress(data)


def _rows_telling(url: str, text: str) -> list[str]:
    with psycopg.connect(url) as connection:
        names = connection.execute("select tablename from pg_tables where schemaname = 'public'").fetchall()
        query = 'select count(*) from "{0}" as t where t::text like %s'
        return [n for (n,) in names if connection.execute(query.format(n), [f"%{text}%"]).fetchone() != (0,)]


def test_an_artist_goes_from_a_bucket_and_a_server(
    tmp_path: Path, s3: S3, s3_bucket: str, postgres: Postgres
) -> None:
    control = postgres.new_database()
    told = {
        "TUNELAKE_HOME": str(tmp_path / "home"),
        "TUNELAKE_LAKE_URL": f"s3://{s3_bucket}/a",
        "TUNELAKE_CONTROL_URL": control,
    }
    product = Tunelake(load(told | s3.environ))
    with product.ledger() as ledger:
        ledger.want("artist", [GONE, OTHER], product.clock.now())
    path = tmp_path / "rows.csv"
    path.write_text(f"artist_id,artist\n{GONE},Uno\n{OTHER},Due\n", encoding="utf-8")
    product.upload(path, "artists", source="one")
    product.land()
    assert [key for key, data in _objects(s3, s3_bucket) if GONE.encode() in data]
    assert _rows_telling(control, GONE) == ["wants"]
    old = product.lake.home.root / "raw" / "moved" / "segment"
    old.parent.mkdir()
    old.touch()
    with pytest.raises(ConfigError, match="before it was moved"):
        purging.subject_of(product, artist=GONE)
    old.unlink()
    proof = purging.purge(product, purging.subject_of(product, artist=GONE), lambda *_: None)
    assert proof.left == 0
    assert [key for key, data in _objects(s3, s3_bucket) if GONE.encode() in data] == []
    assert found(product.lake.home.root, GONE) == []
    assert _rows_telling(control, GONE) == []
    assert _rows_telling(control, OTHER) == ["wants"]
    assert product.table("artists").column("name").to_pylist() == ["Due"]
    assert product.lake.replay(check=True).differing == []
