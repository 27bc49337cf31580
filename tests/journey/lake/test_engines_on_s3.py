"""A server of Spark reads a lake in a bucket, and gives the same marts as DuckDB."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.journey.marts.little_home import make_home
from tests.journey.marts.test_engines import SERVER
from tests.servers.s3 import S3

from tunelake.bootstrap import marts
from tunelake.bootstrap.moving import move
from tunelake.bootstrap.tunelake import Tunelake
from tunelake.settings import load

pytestmark = pytest.mark.slow


def test_every_mart_is_the_same_over_a_bucket(s3: S3, s3_bucket: str, tmp_path: Path) -> None:
    home = make_home(tmp_path / "home")
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER], stdout=subprocess.PIPE, text=True, env=dict(os.environ) | s3.environ
    )
    try:
        assert server.stdout is not None
        remote = f"sc://127.0.0.1:{int(server.stdout.readline())}"
        settings = load(s3.environ | {"TUNELAKE_HOME": str(home), "TUNELAKE_SPARK_REMOTE": remote})
        move(settings, lake=f"s3://{s3_bucket}/a", remove=True, progress=lambda *_: None)
        product = Tunelake(settings)
        report = marts.check(product, lambda *_: None)
    finally:
        server.kill()
        server.communicate(timeout=20)
    assert report.models >= 18
    assert len(report.compared["spark"]) == report.models
    assert not [each for each in report.compared["spark"] if each.differences]
    assert list(product.lake.home.at("spill").files()) == []
