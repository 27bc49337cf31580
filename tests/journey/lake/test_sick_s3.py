"""A bucket that is not there, refuses, is slow or busy; processes that die while they land or move."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import REPOSITORY, RunTunelake
from tests.journey.lake import worker
from tests.servers.process import free_ports
from tests.servers.s3 import S3
from tests.servers.s3_proxy import s3_proxy
from tests.unit.lake.pages import read

from tunelake.bootstrap.moving import move
from tunelake.errors import ConfigError, Retryable
from tunelake.lake.lake import Lake
from tunelake.lake.landing.redact_files import redact
from tunelake.lake.locks.s3_lease import s3_lease
from tunelake.lake.places.s3_bucket import S3Bucket
from tunelake.lake.places.s3_place import S3Place, parse_url
from tunelake.settings import load

pytestmark = pytest.mark.slow

COUNT = 12
KILLS = int(os.environ.get("TUNELAKE_TEST_KILLS", "2"))


def place(environ: dict[str, str], url: str, home: Path, *, tries: int = 5, seconds: float = 30.0) -> S3Place:
    name, prefix = parse_url(url)
    return S3Place(S3Bucket(name, load(environ).aws, tries=tries, seconds=seconds), prefix, home / "cache")


def lake_at(environ: dict[str, str], url: str, home: Path, **how: Any) -> Lake:
    return Lake(home, far=place(environ, url, home, **how), reader=read)


def holds_all(lake: Lake, count: int = COUNT) -> None:
    """Every page landed once, and its answer can be read."""
    assert lake.current("artists").num_rows == 3 * count + 1
    assert lake.history("artists").num_rows == 4 * count
    pages = sorted(lake.current("raw_pages").column("page_id").to_pylist())
    assert pages == sorted(worker.page(number).page_id for number in range(count))
    assert lake.history("raw_pages").num_rows == count
    assert lake.read_page(pages[0]).page_id == pages[0]
    assert not lake.land().pages
    assert lake.replay(check=True).differing == []


@pytest.mark.parametrize(
    ("changed", "url", "told"),
    [
        (
            {"AWS_SECRET_ACCESS_KEY": "wrong"},
            "s3://{}/a",
            "refuses .*SignatureDoesNotMatch.*AWS_ACCESS_KEY_ID",
        ),
        ({"AWS_ACCESS_KEY_ID": "nobody"}, "s3://{}/a", "refuses .*InvalidAccessKeyId"),
        ({}, "s3://no-such-bucket/a", "no bucket 'no-such-bucket'"),
        ({}, "s3://{}", "is not empty and no lake of Tunelake .*'thesis.txt'"),
        ({}, "gs://{}/a", "is like s3://bucket/prefix, not"),
        ({"AWS_ENDPOINT_URL": "ftp://x"}, "s3://{}/a", "AWS_ENDPOINT_URL is 'ftp://x'"),
    ],
)
def test_what_cannot_be_a_lake_is_told_and_nothing_is_made(
    changed: dict[str, str], url: str, told: str, s3: S3, s3_bucket: str, tmp_path: Path
) -> None:
    s3.client().put_object(Bucket=s3_bucket, Key="thesis.txt", Body=b"mine")
    with pytest.raises(ConfigError, match=told) as error:
        lake_at(s3.environ | changed, url.format(s3_bucket), tmp_path / "home")
    assert s3.secret_key not in str(error.value)
    assert not (tmp_path / "home").exists()
    assert [one["Key"] for one in s3.client().list_objects_v2(Bucket=s3_bucket)["Contents"]] == ["thesis.txt"]


def test_a_home_and_a_lake_stay_together(s3: S3, s3_bucket: str, tmp_path: Path) -> None:
    url = f"s3://{s3_bucket}/one"
    near = Lake(tmp_path / "near", reader=read)
    near.landing.append(worker.page(0))
    with pytest.raises(ConfigError, match=f"tunelake move --lake {url}"):
        lake_at(s3.environ, url, tmp_path / "near")
    lake_at(s3.environ, url, tmp_path / "far")
    with pytest.raises(ConfigError, match=r"is s3://.*, not s3://.*/other"):
        lake_at(s3.environ, f"s3://{s3_bucket}/other", tmp_path / "far")
    with pytest.raises(ConfigError, match=f"is {url}: set TUNELAKE_LAKE_URL"):
        Lake(tmp_path / "far")
    with pytest.raises(ConfigError, match="never mixes"):
        Lake(tmp_path / "demo", kind="demo", far=place(s3.environ, url, tmp_path))


def test_busy_slow_and_absent_servers_cost_nothing(s3: S3, s3_bucket: str, tmp_path: Path) -> None:
    url = f"s3://{s3_bucket}/a"
    chance = random.Random(3)  # noqa: S311  (no secret)
    with s3_proxy(s3.endpoint) as proxy:
        environ = s3.environ | {"AWS_ENDPOINT_URL": proxy.endpoint}
        lake = lake_at(environ, url, tmp_path / "home")
        for number in range(COUNT - 1):
            lake.landing.append(worker.page(number))
        # Some requests are refused, some are late: all goes well, only later.
        proxy.sick = lambda _: chance.choice([503, 0.02, 0, 0, 0, 0, 0, 0, 0, 0])
        lake.land()
        assert proxy.refused > 0
        # Nothing but 503: collecting goes on, landing ends after some tries, and says what to do.
        proxy.sick = lambda _: 503
        hasty = lake_at(environ, url, tmp_path / "home", tries=2)
        hasty.landing.append(worker.page(COUNT - 1))
        seen = proxy.seen
        with pytest.raises(
            Retryable, match=r"for now .SlowDown., tried 2 times; nothing was lost, run again"
        ):
            hasty.land()
        assert 0 < proxy.seen - seen <= 4
        # Too slow is as good as away.
        proxy.sick = lambda _: 1.0
        with pytest.raises(Retryable, match=r"does not answer.*nothing was lost"):
            lake_at(environ, url, tmp_path / "home", tries=1, seconds=0.2).land()
        # Busy only for tables: told by another library, in the same words.
        proxy.sick = lambda path: 503 if "/tables/" in path else 0
        with pytest.raises(Retryable, match="for now"):
            lake_at(environ, url, tmp_path / "home", tries=1, seconds=1).land()
        proxy.sick = lambda _: 0
        lake.land()
        holds_all(lake)
    with pytest.raises(Retryable, match="does not answer"):
        lake_at(environ, url, tmp_path / "home", tries=1).land()


def test_what_the_commands_say_of_a_server_that_is_away(
    s3: S3, s3_bucket: str, run_tunelake: RunTunelake, tmp_path: Path
) -> None:
    url = f"s3://{s3_bucket}/a"
    lake_at(s3.environ, url, tmp_path / "home")
    (port,) = free_ports(1)
    away = s3.environ | {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}"}
    status = run_tunelake("status", **away)
    assert status.returncode == 0
    assert f"the lake is in {url}" in status.stdout
    assert "does not answer" in status.stdout
    assert "copies of it on this machine: 0 B of at most 20.0 GB" in status.stdout
    doctor = run_tunelake("doctor", "--offline", **away | {"AWS_SECRET_ACCESS_KEY": "top-secret"})
    assert doctor.returncode == 2
    assert "does not answer" in doctor.stdout
    assert "top-secret" not in doctor.stdout + doctor.stderr
    copy = tmp_path / "home" / "cache" / "tables" / "a" / "copy.parquet"
    copy.parent.mkdir(parents=True)
    copy.write_bytes(bytes(20_000_000))
    well = run_tunelake("doctor", "--offline", TUNELAKE_CACHE_GB="0.01", **s3.environ).stdout
    assert f"{url} answers" in well
    assert f"0.02 GB of files of the lake in {tmp_path / 'home' / 'cache'}, at most 0.01 GB" in well


def killed(words: list[str], environ: dict[str, str], after: float) -> bool:
    """Run a process for a while, then kill it; tells whether it had ended by itself."""
    command = [sys.executable, "-m", *words]
    process = subprocess.Popen(
        command, cwd=REPOSITORY, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    try:
        process.wait(after)
        ended = True
    except subprocess.TimeoutExpired:
        process.kill()
        ended = False
    _, error = process.communicate()
    assert not ended or process.returncode == 0, error.decode()[-2000:]
    return ended


def test_processes_are_killed_while_they_land_and_move(s3: S3, s3_bucket: str, tmp_path: Path) -> None:
    url, moved_to = f"s3://{s3_bucket}/a", f"s3://{s3_bucket}/b"
    chance = random.Random(5)  # noqa: S311  (no secret)
    environ = dict(os.environ) | s3.environ
    home = tmp_path / "home"
    lake = lake_at(s3.environ, url, home)
    for number in range(COUNT):
        lake.landing.append(worker.page(number))
    for _ in range(KILLS):
        killed(["tests.journey.lake.worker", "land", str(home), url], environ, 0.9 + chance.random())
    lake.land()
    holds_all(lake)
    before = sorted((file.name, file.size) for file in place(s3.environ, url, home).files())
    for _ in range(KILLS):
        words = ["tunelake", "move", "--lake", moved_to, "--json"]
        if killed(words, environ | {"TUNELAKE_HOME": str(home)}, 1.5 + chance.random()):
            break
    settings = load(s3.environ | {"TUNELAKE_HOME": str(home)})
    move(settings, lake=moved_to, progress=lambda *_: None)
    after = sorted((file.name, file.size) for file in place(s3.environ, url, home).files())
    # But for the lock, whose numbers grow, the source is as it was.
    assert [one for one in after if "locks" not in one[0]] == [one for one in before if "locks" not in one[0]]
    holds_all(lake_at(s3.environ, moved_to, home))


def test_a_machine_that_died_lands_nothing_again_that_was_erased_elsewhere(
    s3: S3, s3_bucket: str, tmp_path: Path
) -> None:
    url = f"s3://{s3_bucket}/erased"
    died = lake_at(s3.environ, url, tmp_path / "one")
    died.landing.append(worker.page(0))
    # It put its segment into the bucket, and ended before a table had the rows.
    died.landing.sealed()
    other = lake_at(s3.environ, url, tmp_path / "two")
    assert other.land().pages == 1
    (page,) = other.current("raw_pages").to_pylist()
    assert redact(other.home, [(page["segment"], page["offset"], page["length"])]) == 1
    again = lake_at(s3.environ, url, tmp_path / "one")
    assert again.land().pages == 0
    assert not again.read_page(page["page_id"]).body


def test_a_lock_is_taken_over_when_its_holder_is_gone(s3: S3, s3_bucket: str) -> None:
    bucket = S3Bucket(s3_bucket, load(s3.environ).aws)
    with s3_lease(bucket, "lock", "one", good_seconds=0.8) as mine:
        with (
            pytest.raises(Retryable, match=r"another machine .one. holds lock"),
            s3_lease(bucket, "lock", "two", wait_seconds=1.2),
        ):
            pass
        mine.check()
        # It stands still, as that of a machine that sleeps: who waits takes it, and the sleeper is told.
        mine.stop()
        with s3_lease(bucket, "lock", "two", wait_seconds=5) as theirs:
            assert theirs.number == mine.number + 1
            with pytest.raises(Retryable, match="was lost"):
                mine.check()
    # What was released, or was left by an earlier process of the same home, is free at once.
    with s3_lease(bucket, "lock", "one", wait_seconds=0) as again:
        again.stop()
    with s3_lease(bucket, "lock", "one", wait_seconds=0):
        pass
