"""The wheel alone is enough: built, installed into an empty environment, the demo runs from it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from tests.conftest import REPOSITORY, missing

pytestmark = pytest.mark.slow


def run(*command: str | Path, cwd: Path, timeout: float = 300, **environ: str) -> str:
    """Run a command as a newcomer would: no setting of Tunelake, no other environment's paths."""
    kept = {name: os.environ[name] for name in os.environ if not name.startswith(("TUNELAKE_", "PYTHON"))}
    kept.pop("VIRTUAL_ENV", None)
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env=kept | environ,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    assert done.returncode == 0, f"exit code {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
    return done.stdout


@pytest.fixture(scope="module")
def uv() -> Path:
    own = REPOSITORY / ".boot" / "bin" / "uv"
    found = str(own) if own.is_file() else shutil.which("uv")
    if found is None:
        missing("uv", "make dev")
    return Path(str(found))


@pytest.fixture(scope="module")
def wheel(uv: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    run(
        *(uv, "build", "--quiet", "--wheel", "--no-build-isolation", "--python", sys.executable),
        *("--out-dir", folder, REPOSITORY),
        cwd=folder,
    )
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def environment(uv: Path, wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make an environment that holds the wheel and what the wheel itself says it needs."""
    folder = tmp_path_factory.mktemp("installed") / "env"
    run(uv, "venv", "--quiet", "--python", sys.executable, folder, cwd=folder.parent)
    run(
        *(uv, "pip", "install", "--quiet", "--python", folder / "bin" / "python"),
        # Only versions come from the lock, so that a release of others cannot break this test.
        *("--constraint", REPOSITORY / "requirements.lock", f"tunelake[all] @ {wheel.as_uri()}"),
        cwd=folder.parent,
    )
    return folder


def test_the_wheel_holds_what_the_product_needs_and_no_more(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert "tunelake/py.typed" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert not [name for name in names if not name.startswith(("tunelake/", "tunelake-"))]
    # Whatever the sources hold beside Python comes along: contracts, models, pages, the browser's assets.
    source = REPOSITORY / "src"
    held = {
        path.relative_to(source).as_posix()
        for path in (source / "tunelake").rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    assert sorted(held - set(names)) == []


def test_the_demo_runs_from_the_wheel(environment: Path, tmp_path: Path) -> None:
    said = run(environment / "bin" / "tunelake", "demo", "--no-serve", "--json", cwd=tmp_path)
    told = json.loads(said)
    assert {"asked", "stored", "ambiguous", "not_found", "calls", "rows", "seconds", "answers"} <= told.keys()
    assert told["stored"] > 0
    assert told["rows"]["artists"] >= told["stored"]
    assert all(told["answers"])
    # The demo's data live in a home of their own, beside nothing else.
    assert [path.name for path in tmp_path.iterdir()] == ["tunelake-demo"]


def test_the_command_answers_without_the_extras(uv: Path, wheel: Path, tmp_path: Path) -> None:
    run(uv, "venv", "--quiet", "--python", sys.executable, "core", cwd=tmp_path)
    python = tmp_path / "core" / "bin" / "python"
    lock = REPOSITORY / "requirements.lock"
    run(uv, "pip", "install", "--quiet", "--python", python, "--constraint", lock, wheel, cwd=tmp_path)
    home = str(tmp_path / "home")
    assert "demo" in run(python, "-m", "tunelake", "--help", cwd=tmp_path)
    assert "home" in run(python, "-m", "tunelake", "doctor", "--json", cwd=tmp_path, TUNELAKE_HOME=home)
