from __future__ import annotations

from pathlib import Path

import pytest

from tunelake.errors import ConfigError
from tunelake.settings import Secret, Settings, default_home, load


def test_nothing_set_gives_the_defaults() -> None:
    settings = load({})
    assert settings == Settings(home=default_home())
    assert settings.spotify_api_url == "https://api.spotify.com/v1"
    assert not settings.spotify_client_secret
    assert default_home().name == "tunelake"


def test_everything_set_is_read() -> None:
    settings = load(
        {
            "TUNELAKE_HOME": "~/music",
            "TUNELAKE_SPOTIFY_API_URL": " http://127.0.0.1:1/v1/ ",
            "TUNELAKE_SPOTIFY_ACCOUNTS_URL": "http://127.0.0.1:1/",
            "TUNELAKE_SPOTIFY_CLIENT_ID": " id ",
            "TUNELAKE_SPOTIFY_CLIENT_SECRET": " secret\n",
            "TUNELAKE_MARKET": " kr ",
            "TUNELAKE_RIGHTS": "spotify:model, ,label:export",
            "TUNELAKE_MAX_AGE_HOURS": "0",
            "TUNELAKE_MAX_WAIT_SECONDS": "1.5",
            "TUNELAKE_EXPIRE_DAYS": "",
        }
    )
    assert settings.home == Path.home() / "music"
    assert settings.spotify_api_url == "http://127.0.0.1:1/v1"
    assert settings.spotify_accounts_url == "http://127.0.0.1:1"
    assert settings.spotify_client_id == "id"
    assert settings.spotify_client_secret.reveal() == "secret"
    assert settings.market == "KR"
    assert settings.rights == ("spotify:model", "label:export")
    assert (settings.max_age_hours, settings.max_wait_seconds, settings.expire_days) == (0.0, 1.5, 30.0)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TUNELAKE_SPOTIFY_API_URL", "api.spotify.com/v1"),
        ("TUNELAKE_SPOTIFY_ACCOUNTS_URL", "file:///etc/passwd"),
        ("TUNELAKE_MARKET", "KOR"),
        ("TUNELAKE_MARKET", "1A"),
        ("TUNELAKE_MARKET", "한국"),
        ("TUNELAKE_MAX_AGE_HOURS", "a day"),
        ("TUNELAKE_MAX_AGE_HOURS", "nan"),
        ("TUNELAKE_MAX_WAIT_SECONDS", "-1"),
        ("TUNELAKE_EXPIRE_DAYS", "inf"),
        ("TUNELAKE_QUOTA", "600"),
        ("TUNELAKE_QUOTA", "search=0:86400"),
        ("TUNELAKE_QUOTA", "600:inf"),
    ],
)
def test_what_cannot_be_understood_is_named(name: str, value: str) -> None:
    with pytest.raises(ConfigError, match=name) as told:
        load({name: value})
    assert repr(value) in str(told.value)


def test_a_quota_is_for_all_for_each_or_for_one_endpoint() -> None:
    quota = load({"TUNELAKE_QUOTA": "600:86400, each=300:86400,Search = 10:60"}).quota
    assert [(one.endpoint, one.calls, one.seconds) for one in quota] == [
        ("", 600, 86_400.0),
        ("each", 300, 86_400.0),
        ("search", 10, 60.0),
    ]


def test_a_shared_control_database_is_a_postgresql_and_its_password_is_never_told() -> None:
    url = load({"TUNELAKE_CONTROL_URL": "postgres://me:hush@db/x"}).control_url
    assert url.reveal() == "postgresql://me:hush@db/x"
    with pytest.raises(ConfigError, match="TUNELAKE_CONTROL_URL") as told:
        load({"TUNELAKE_CONTROL_URL": "mysql://me:hush@db/x"})
    assert "hush" not in str(told.value)


def test_a_secret_never_prints_itself() -> None:
    secret = Secret("hunter2")
    settings = Settings(home=Path("h"), spotify_client_secret=secret)
    for text in (str(secret), repr(secret), f"{secret}", f"{secret!r:>20}", repr(settings), str([secret])):
        assert "hunter2" not in text
    assert secret
    assert not Secret("")


def test_the_environment_is_read_when_no_mapping_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUNELAKE_HOME", "/somewhere")
    assert load().home == Path("/somewhere")


def test_a_server_of_s3_is_read_from_the_variables_that_all_know() -> None:
    aws = load(
        {
            "AWS_ENDPOINT_URL": "http://all:1",
            "AWS_ENDPOINT_URL_S3": "http://s3:9000/",
            "AWS_DEFAULT_REGION": "eu-west-1",
            "AWS_ACCESS_KEY_ID": "me",
            "AWS_SECRET_ACCESS_KEY": "top-secret",
        }
    ).aws
    assert (aws.endpoint, aws.region, aws.key_id) == ("http://s3:9000", "eu-west-1", "me")
    assert aws.secret.reveal() == "top-secret"
    assert "top-secret" not in repr(aws)
    assert load({"TUNELAKE_LAKE_URL": " s3://a/b "}).lake_url == "s3://a/b"
