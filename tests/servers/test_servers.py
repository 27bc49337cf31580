"""The servers that tests start are what they say."""

from __future__ import annotations

import psycopg
import pytest

from tests.servers.postgres import Postgres
from tests.servers.s3 import S3


def test_postgres_gives_databases_and_refuses_wrong_passwords(postgres: Postgres, postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as connection:
        assert connection.execute("select count(*) from pg_stat_user_tables").fetchone() == (0,)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(postgres.url(password="wrong"))


def test_s3_keeps_objects_and_refuses_strangers(s3: S3, s3_bucket: str) -> None:
    s3.client().put_object(Bucket=s3_bucket, Key="a", Body=b"b")
    assert s3.client().get_object(Bucket=s3_bucket, Key="a")["Body"].read() == b"b"
    with pytest.raises(s3.client("wrong").exceptions.ClientError, match="SignatureDoesNotMatch"):
        s3.client("wrong").get_object(Bucket=s3_bucket, Key="a")
    with pytest.raises(s3.client().exceptions.ClientError, match="PreconditionFailed"):
        s3.client().put_object(Bucket=s3_bucket, Key="a", Body=b"c", IfNoneMatch="*")
