"""Metrics as a monitoring system gets them: over HTTP, by a real Prometheus."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from tests.conftest import RunTunelake, ServeSandbox
from tests.servers.prometheus import check_metrics, prometheus_server

pytestmark = pytest.mark.slow
NAMES = ("BTS", "Radiohead", "Björk", "Sigur Rós", "에스파")


@pytest.fixture
def settings(serve_sandbox: ServeSandbox) -> dict[str, str]:
    ready = serve_sandbox("--artists", "300")
    return {
        "TUNELAKE_SPOTIFY_API_URL": ready["api_url"],
        "TUNELAKE_SPOTIFY_ACCOUNTS_URL": ready["accounts_url"],
        "TUNELAKE_SPOTIFY_CLIENT_ID": ready["client_id"],
        "TUNELAKE_SPOTIFY_CLIENT_SECRET": ready["client_secret"],
    }


@pytest.fixture
def web(tmp_path: Path, settings: dict[str, str]) -> Iterator[str]:
    """The address of `tunelake serve` in a process of its own."""
    command = [sys.executable, "-m", "tunelake", "serve", "--port", "0"]
    environ = os.environ | settings | {"TUNELAKE_HOME": str(tmp_path / "home")}
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip().rstrip("/")
        process.terminate()


def test_prometheus_has_what_several_processes_counted(
    run_tunelake: RunTunelake, settings: dict[str, str], web: str
) -> None:
    asked = [word for name in NAMES for word in ("--name", name)]
    assert run_tunelake("collect", "artists", *asked, **settings).returncode in {0, 1}
    told = json.loads(run_tunelake("status", "--json", **settings).stdout)
    collected = next(job for job in told["last"] if job["name"] == "collect artists")
    with prometheus_server(web.removeprefix("http://")) as prometheus:
        sent = 'sum(tunelake_requests_total{source="spotify"})'
        assert prometheus.value(sent) == collected["requests"] >= len(NAMES)
        assert prometheus.value('tunelake_requests_total{endpoint="/search",outcome="200"}') == len(NAMES)
        assert prometheus.value('tunelake_jobs_total{command="collect artists"}') == 1
        rows = {table["name"]: table["rows"] for table in told["lake"]["tables"]}
        assert prometheus.value('tunelake_table_rows{table="artists"}') == rows["artists"]
        assert prometheus.value("tunelake_landing_lag_seconds") == 0
        assert prometheus.value("sum(tunelake_ledger_wants)") == len(NAMES)
        question = urllib.request.urlopen(f"{web}/api/ask?q=Adele", timeout=60)  # noqa: S310  (our own)
        assert question.status == 200
        assert prometheus.value("tunelake_on_demand_seconds_count") == 1
        # What a process counts, here the server, is added to what others counted.
        end = time.monotonic() + 20
        while prometheus.value(sent) <= collected["requests"] and time.monotonic() < end:
            time.sleep(0.2)
        assert prometheus.value(sent) > collected["requests"]
    with urllib.request.urlopen(f"{web}/metrics", timeout=20) as response:  # noqa: S310  (our own)
        text: bytes = response.read()
    assert check_metrics(text) == ""
    assert_nothing_personal(text.decode())


def assert_nothing_personal(text: str) -> None:
    """No label holds a name, an id, an address or a secret; each has few values."""
    values: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            for label, value in sample.labels.items():
                values.setdefault(label, set()).add(value)
    assert values.keys() <= {
        "source", "endpoint", "outcome", "command", "kind", "state", "part", "table", "store", "le",
        "account", "lane",
    }  # fmt: skip
    assert {label: len(found) for label, found in values.items() if len(found) > 40} == {}
    said = " ".join(value for found in values.values() for value in found)
    assert not [name for name in NAMES if name in said]
    assert "127.0.0.1" not in said
