"""`tunelake notebook`: a tour of the lake in marimo or Jupyter, as a copy of one's own."""

from __future__ import annotations

import shutil
import subprocess
import sys
from importlib import resources
from importlib.util import find_spec
from pathlib import Path

import click

import tunelake
from tunelake.cli.show import say
from tunelake.errors import ConfigError, how_to_install
from tunelake.settings import handed_down


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--jupyter", is_flag=True, help="Open JupyterLab in place of marimo.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Whom to listen to.")
@click.option("--port", type=click.IntRange(1, 65535), help="Default: a free one.")
@click.option("--no-browser", is_flag=True, help="Print the address and open nothing.")
def notebook(file: Path | None, jupyter: bool, host: str, port: int | None, no_browser: bool) -> int:
    """Open a notebook on the lake; without FILE, a tour that is copied into this folder.

    A copy that is there already is opened as it is.
    """
    settings = tunelake.open().settings
    program, extra = ("jupyterlab", "jupyter") if jupyter else ("marimo", "notebook")
    if find_spec(program) is None:
        raise ConfigError(f"{program} is not installed: {how_to_install(extra)}")
    path = file or Path("tunelake-tour.ipynb" if jupyter else "tunelake_tour.py")
    if file is None and not path.exists():
        _copy(path)
    if not path.exists():
        raise ConfigError(f"there is no notebook {path}")
    command = _jupyter(path, host) if jupyter else _marimo(path, host)
    command += [f"--port={port}"] if port else []
    command += (["--no-browser"] if jupyter else ["--headless"]) if no_browser else []
    say(f"{path} on {settings.home}; Ctrl-C stops.")
    return subprocess.run(command, env=handed_down(settings), check=False).returncode


def _marimo(path: Path, host: str) -> list[str]:
    return [sys.executable, "-m", "marimo", "edit", str(path), "--host", host]


def _jupyter(path: Path, host: str) -> list[str]:
    return [sys.executable, "-m", "jupyterlab", str(path), f"--ServerApp.ip={host}"]


def _copy(path: Path) -> None:
    tour = resources.files("tunelake.cli.notebooks").joinpath(f"tour{path.suffix}")
    try:
        with resources.as_file(tour) as ours:
            shutil.copyfile(ours, path)
    except OSError as error:
        raise ConfigError(f"cannot write {path} here: {error.strerror}; go to a folder of yours") from error
