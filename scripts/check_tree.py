"""Check the files under version control: no registry host, no path of a machine, no secret, no giant.

Exit code 1 and a line for each finding; nothing is printed when all is well.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

LINES_AT_MOST = 400
BYTES_AT_MOST = 500_000

# A letter in brackets each: so that this file does not find itself.
FORBIDDEN = {
    "a package registry's host": re.compile(
        r"pypi[.]org|pythonhosted[.]org|registry[.](?:npmjs|yarnpkg)|crates[.]io|proxy[.]golang[.]org"
        r"|repo1?[.]maven[.]|(?:deb|security)[.]debian[.]org",
        re.IGNORECASE,
    ),
    "a path of one machine": re.compile(
        r"(?<![\w.])/(?:[r]oot|[w]ork|[h]ome/[a-z]\w*|[U]sers/\w+)/|/[t]mp/\w"
    ),
    "a secret": re.compile(
        r"-----BEGIN [A-Z ]*PRIVATE[ ]KEY|\bAK[I]A[0-9A-Z]{16}\b|\bgh[pousr]_\w{36}|\bxox[abp]-\w{10}"
    ),
    "a merge conflict": re.compile(r"^(?:<{7}|>{7}) ", re.MULTILINE),
}


def tracked() -> list[Path]:
    """Name the files under version control that are there."""
    listing = subprocess.run(["git", "ls-files", "-z"], capture_output=True, check=True).stdout.decode()
    return [path for name in listing.split("\0") if name and (path := Path(name)).is_file()]


def findings(path: Path, content: bytes) -> Iterator[str]:
    """Tell what is wrong with one file."""
    if len(content) > BYTES_AT_MOST:
        yield f"{path}: {len(content):,} bytes; at most {BYTES_AT_MOST:,}"
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return
    lines = text.count("\n")
    if path.suffix in {".py", ".js", ".css", ".html", ".sql"} and lines > LINES_AT_MOST:
        yield f"{path}: {lines} lines; at most {LINES_AT_MOST}: split it by idea"
    for what, pattern in FORBIDDEN.items():
        for match in pattern.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            yield f"{path}:{line}: {what}: {match.group()[:40]!r}"


def main() -> int:
    """Check every tracked file."""
    found = [finding for path in tracked() for finding in findings(path, path.read_bytes())]
    for finding in found:
        print(finding)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
