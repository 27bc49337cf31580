"""Apache Spark as it stands in production: a master, two workers, and a Connect server over them."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.conftest import REPOSITORY

PARTS = REPOSITORY / ".cache" / "jvm"
_SECONDS = 120
_CONNECT = "org.apache.spark.sql.connect.service.SparkConnectServer"
_DELTA = {
    "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
    "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
    "spark.sql.shuffle.partitions": "2",
    # Small tables: the many little tasks that Delta would make of a log cost more than the log.
    "spark.databricks.delta.snapshotPartitions": "1",
    "spark.log.level": "WARN",
    "spark.executor.memory": "1g",
    "spark.driver.memory": "1g",
    "spark.ui.enabled": "false",
    "spark.driver.host": "127.0.0.1",
}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def spark_cluster(folder: Path) -> Iterator[str]:
    """Start all parts; gives the address of the Connect server. Each is ended by its process group."""
    (spark,) = (PARTS / "spark").glob("lib/python*/site-packages/pyspark")
    environ = os.environ | {
        "SPARK_HOME": str(spark),
        "PYSPARK_PYTHON": str(PARTS / "spark" / "bin" / "python"),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_NO_DAEMONIZE": "1",
        "PATH": f"{PARTS / 'spark' / 'bin'}:{os.environ['PATH']}",
    }
    master, port = free_port(), free_port()
    jars = ",".join(str(jar) for jar in sorted((PARTS / "jars").glob("*.jar")))

    def start(name: str, *words: str, listens: int | None = None) -> None:
        with (folder / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(
                words, env=environ, cwd=folder, stdout=log, stderr=log, start_new_session=True
            )
        stack.callback(_end, process)
        _wait(process, folder / f"{name}.log", listens)

    run = str(spark / "bin" / "spark-class")
    with ExitStack() as stack:
        kind = "org.apache.spark.deploy"
        start("master", run, f"{kind}.master.Master", "--host", "127.0.0.1", "--port", str(master),
              "--webui-port", "0", listens=master)  # fmt: skip
        for number in (1, 2):
            start(f"worker-{number}", run, f"{kind}.worker.Worker", "--host", "127.0.0.1", "--cores", "1",
                  "--memory", "1g", "--webui-port", "0", "--work-dir", str(folder / f"work-{number}"),
                  f"spark://127.0.0.1:{master}")  # fmt: skip
        settings = _DELTA | {"spark.connect.grpc.binding.port": str(port)}
        words = [word for key, value in settings.items() for word in ("--conf", f"{key}={value}")]
        start("connect", str(spark / "bin" / "spark-submit"), "--master", f"spark://127.0.0.1:{master}",
              "--class", _CONNECT, "--jars", jars, *words, "spark-internal", listens=port)  # fmt: skip
        yield f"sc://127.0.0.1:{port}"


def _wait(process: subprocess.Popen[bytes], log: Path, port: int | None) -> None:
    """Wait until a part listens; where it stops before, its words are the message."""
    end = time.monotonic() + _SECONDS
    while port is not None:
        if process.poll() is not None or time.monotonic() > end:
            raise AssertionError(f"it did not start:\n{log.read_text(errors='replace')[-3000:]}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)


def _end(process: subprocess.Popen[bytes]) -> None:
    os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(20)
