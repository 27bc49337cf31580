"""A server of Spark reads a lake in a bucket, and gives the same marts as DuckDB."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.conftest import RunTunelake
from tests.journey.marts.little_home import make_home
from tests.journey.marts.test_engines import SERVER
from tests.servers.s3 import S3

from tunelake.bootstrap.moving import move
from tunelake.bootstrap.tunelake import Tunelake
from tunelake.settings import load

pytestmark = pytest.mark.slow


def test_every_mart_is_the_same_over_a_bucket(
    s3: S3, s3_bucket: str, tmp_path: Path, run_tunelake: RunTunelake
) -> None:
    home = make_home(tmp_path / "home")
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER], stdout=subprocess.PIPE, text=True, env=dict(os.environ) | s3.environ
    )
    try:
        assert server.stdout is not None
        remote = f"sc://127.0.0.1:{int(server.stdout.readline())}"
        settings = load(s3.environ | {"TUNELAKE_HOME": str(home)})
        move(settings, lake=f"s3://{s3_bucket}/a", remove=True, progress=lambda *_: None)
        environ = s3.environ | {"TUNELAKE_SPARK_REMOTE": remote}
        done = run_tunelake("engines", "check", "--json", home=home, timeout=300, **environ)
    finally:
        server.kill()
        server.communicate(timeout=20)
    assert done.returncode == 0, done.stdout + done.stderr
    compared = json.loads(done.stdout)["compared"]["spark"]
    assert len(compared) >= 18
    assert not [each for each in compared if each["differences"]]
    assert list(Tunelake(settings).lake.home.at("spill").files()) == []
