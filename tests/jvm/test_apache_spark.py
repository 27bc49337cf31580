"""The engine check on Apache Spark: a standalone master, two workers, a Connect server, Delta's own jar."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.conftest import RunTunelake
from tests.journey.marts.little_home import make_home
from tests.jvm.cluster import PARTS, spark_cluster

pytestmark = pytest.mark.skipif(not (PARTS / "spark.made").exists(), reason="make test-jvm brings Spark")


@pytest.fixture(scope="module")
def remote(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with spark_cluster(tmp_path_factory.mktemp("spark")) as address:
        yield address


def test_every_mart_is_the_same_on_apache_spark(
    remote: str, tmp_path: Path, run_tunelake: RunTunelake
) -> None:
    home = make_home(tmp_path / "home")
    done = run_tunelake("engines", "check", "--json", home=home, TUNELAKE_SPARK_REMOTE=remote, timeout=840)
    assert done.returncode == 0, done.stdout + done.stderr
    compared = json.loads(done.stdout)["compared"]["spark"]
    assert len(compared) >= 18
    assert not [each for each in compared if each["differences"]]
    assert not [each["mart"] for each in compared if not each["rows"][1]]
