"""A home under test: the command as a process of its own, and what the tables hold."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from tunelake.lake.contracts.contract import load
from tunelake.lake.lake import Lake

CREDENTIALS = ("api_url", "accounts_url", "client_id", "client_secret")
ALL = "albums,tracks,top-tracks,features,related"
# What differs between two homes that collected the same: times, pages, and the sandbox's own address.
OWN = {"observed_at", "expires_at", "page_id", "image_url"}

Contents = dict[str, tuple[int, int]]


class Home:
    """A home and the sandbox it asks.

    Args:
        path: The home's folder.
        ready: What the sandbox printed.
        settings: Further environment variables.
    """

    def __init__(self, path: Path, ready: dict[str, str], **settings: str) -> None:
        self.path = path
        self.ready = ready
        told = {f"TUNELAKE_SPOTIFY_{name.upper()}": ready[name] for name in CREDENTIALS}
        self.environ = os.environ | told | {"TUNELAKE_HOME": str(path), **settings}

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Start the command; the caller ends it."""
        command = [sys.executable, "-m", "tunelake", *words, "--json"]
        return subprocess.Popen(
            command, env=self.environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def run(self, *words: str, expect: int = 0, timeout: float = 300) -> Any:
        """Run the command and give its JSON; the exit code must be the expected one."""
        process = self.start(*words)
        try:
            out, error = process.communicate(timeout=timeout)
        finally:
            process.kill()
        assert process.returncode == expect, f"exit code {process.returncode}: {out[-1000:]} {error[-2000:]}"
        return json.loads(out)

    def sql(self, query: str) -> list[dict[str, Any]]:
        """Ask the tables, as `tunelake sql` does."""
        rows: list[dict[str, Any]] = self.run("sql", query)
        return rows

    def one(self, query: str) -> Any:
        """The single value of a query."""
        return next(iter(self.sql(query)[0].values()))

    def contents(self, but: set[str] | None = None, *, history: bool = True) -> Contents:
        """Rows and a sum of their hashes for every table, and every history, whatever their order."""
        found: Contents = {}
        with Lake(self.path).connect() as connection:
            for table, contract in load().items():
                for name in (table, f"{table}_history") if history else (table,):
                    columns = [f'"{one}"' for one in _columns(contract, but or set())]
                    row = f"row({', '.join(columns)})"
                    query = f'select count(*), coalesce(sum(hash({row})::hugeint), 0) from "{name}"'  # noqa: S608
                    count, total = connection.sql(query).fetchall()[0]
                    found[name] = (count, int(total))
        return found

    def control(self) -> dict[str, Any]:
        """What the sandbox saw."""
        with urlopen(self.ready["control_url"]) as answer:  # noqa: S310  (loopback)
            seen: dict[str, Any] = json.loads(answer.read())
        return seen


def _columns(contract: Any, but: set[str]) -> list[str]:
    system = ["source", "observed_at", "expires_at", "rights", "page_id"]
    return [name for name in dict.fromkeys([*system, *contract.names]) if name not in but]


def ids(values: list[str]) -> list[str]:
    """The words that ask for these ids."""
    return [word for value in values for word in ("--id", value)]
