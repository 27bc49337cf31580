"""The servers that tests start are what they say."""

from __future__ import annotations

import boto3
import psycopg
import pymysql
import pytest
from valkey import Valkey as Client
from valkey.exceptions import AuthenticationError

from tests.servers.dynamodb import DynamoDB
from tests.servers.mariadb import MariaDB
from tests.servers.postgres import Postgres
from tests.servers.s3 import S3
from tests.servers.valkey import Valkey


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


def test_mariadb_gives_databases_and_refuses_wrong_passwords(mariadb: MariaDB, mariadb_url: str) -> None:
    def connected(password: str) -> pymysql.Connection[pymysql.cursors.Cursor]:
        return pymysql.connect(host="127.0.0.1", port=mariadb.port, user="root", password=password)

    with connected(mariadb.password) as connection, connection.cursor() as cursor:
        cursor.execute(f"use {mariadb_url.rpartition('/')[2]}")
        cursor.execute("show tables")
        assert cursor.fetchall() == ()
    with pytest.raises(pymysql.err.OperationalError, match="Access denied"):
        connected("wrong")


def test_valkey_gives_databases_and_refuses_wrong_passwords(valkey: Valkey, valkey_url: str) -> None:
    with Client.from_url(valkey_url) as client:
        client.set("a", "b")
        assert (client.get("a"), client.dbsize()) == (b"b", 1)
    with Client.from_url(valkey.new_database()) as client:
        assert client.dbsize() == 0
    with Client.from_url(valkey.url(password="wrong")) as client, pytest.raises(AuthenticationError):
        client.ping()


def test_dynamodb_gives_each_account_its_own_tables(
    dynamodb: DynamoDB, monkeypatch: pytest.MonkeyPatch
) -> None:
    for tables in (["one"], []):
        for name, value in dynamodb.new_environ().items():
            monkeypatch.setenv(name, value)
        client = boto3.Session().client("dynamodb")
        for table in tables:
            client.create_table(
                TableName=table,
                KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
                AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
                BillingMode="PAY_PER_REQUEST",
            )
        assert client.list_tables()["TableNames"] == tables
        client.close()
