"""The same models over the same tables on DuckDB and on a Spark Connect server: Sail, as a process."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.conftest import RunTunelake
from tests.journey.marts.little_home import make_home

SERVER = """
import signal
from pysail.spark import SparkConnectServer
server = SparkConnectServer("127.0.0.1", 0)
server.start(background=True)
print(server.listening_address[1], flush=True)
signal.pause()
"""


KINDS = """-- meaning: What a number is.
-- grain: track_id
-- owner: me
select track_id, typeof(duration_ms) as kind from tracks
"""


@pytest.fixture(scope="module")
def remote() -> Iterator[str]:
    process = subprocess.Popen([sys.executable, "-c", SERVER], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield f"sc://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.kill()
        process.communicate(timeout=20)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_home(tmp_path_factory.mktemp("engines") / "home")


def test_every_mart_is_the_same_on_duckdb_and_spark(
    home: Path, remote: str, run_tunelake: RunTunelake
) -> None:
    done = run_tunelake("engines", "check", "--json", home=home, TUNELAKE_SPARK_REMOTE=remote)
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads(done.stdout)
    compared = {each["mart"]: each for each in report["compared"]["spark"]}
    assert report["models"] == len(compared) >= 18
    assert not [each for each in compared.values() if each["differences"]]
    assert not [name for name, each in compared.items() if not each["rows"][1]], (
        "a mart without rows shows nothing"
    )
    assert not list((home / "spill").glob("spark-*"))


def test_a_model_that_differs_is_named_with_its_rows(
    home: Path, remote: str, run_tunelake: RunTunelake
) -> None:
    own = home / "models"
    own.mkdir()
    # Each engine has its own word for a type.
    (own / "kinds.sql").write_text(KINDS)
    try:
        done = run_tunelake("engines", "check", home=home, TUNELAKE_SPARK_REMOTE=remote)
    finally:
        (own / "kinds.sql").unlink()
        own.rmdir()
    assert done.returncode == 1, done.stdout + done.stderr
    assert "kinds: kind: 6 rows, 'BIGINT' against 'bigint' in track_id=T0" in done.stdout


def test_duckdb_alone_runs_every_model_and_compares_nothing(home: Path, run_tunelake: RunTunelake) -> None:
    done = run_tunelake("engines", "check", home=home)
    assert done.returncode == 0, done.stderr
    assert "20 models ran" in done.stdout
    assert "nothing was compared" in done.stdout


def test_marts_that_spark_made_are_kept_and_served(
    home: Path, remote: str, run_tunelake: RunTunelake
) -> None:
    done = run_tunelake("mart", "run", "labels", "--engine", "spark", home=home, TUNELAKE_SPARK_REMOTE=remote)
    assert done.returncode == 0, done.stderr
    told = run_tunelake("sql", "from labels", "--json", home=home)
    assert json.loads(told.stdout)[0]["label"] == "One"


def test_nobody_at_the_address_is_the_operators_to_mend(home: Path, run_tunelake: RunTunelake) -> None:
    done = run_tunelake("engines", "check", home=home, TUNELAKE_SPARK_REMOTE="sc://127.0.0.1:1")
    assert done.returncode == 2
    assert "no Spark Connect server answers at sc://127.0.0.1:1" in done.stderr


def test_plan_lineage_docs_and_export_of_a_home(
    home: Path, tmp_path: Path, run_tunelake: RunTunelake
) -> None:
    assert run_tunelake("mart", "run", home=home).returncode == 0
    plan = json.loads(run_tunelake("mart", "plan", "--json", home=home).stdout)
    assert {step["action"] for step in plan} == {"nothing"}
    traced = json.loads(run_tunelake("mart", "lineage", "labels", "--json", home=home).stdout)
    assert traced[0]["traced"]["roots"]["label"] == [{"table": "albums", "column": "label"}]
    assert "albums.label" in run_tunelake("mart", "lineage", "labels", home=home).stdout
    picture = run_tunelake("mart", "lineage", "labels", "--picture", home=home).stdout
    assert "artist_labels.label --> labels.label" in picture
    assert "| `label` | string | `artist_labels.label` |" in run_tunelake("mart", "docs", home=home).stdout
    path = tmp_path / "labels.csv"
    assert run_tunelake("mart", "export", "labels", str(path), home=home).returncode == 0
    assert path.read_text().startswith("label,artists,albums")
