"""A server in a process of its own: answers every GET with one page of 50 full tracks, gzip if accepted."""

from __future__ import annotations

import gzip
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from bench.tracks import bodies


def main() -> None:
    """Serve on a free port; print the port when ready."""
    from aiohttp import web

    plain = next(bodies(50))
    packed = gzip.compress(plain, 6)

    async def answer(request: web.Request) -> web.Response:
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            headers = {"Content-Encoding": "gzip"}
            return web.Response(body=packed, headers=headers, content_type="application/json")
        return web.Response(body=plain, content_type="application/json")

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    web.run_app(app, host="127.0.0.1", port=0, print=lambda text: print(text, flush=True))


@contextmanager
def serving() -> Iterator[str]:
    """Run the server for as long as the context lasts; gives its address."""
    process = subprocess.Popen([sys.executable, "-m", "bench.page_server"], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if "http://" in line:
                yield line[line.index("http://") :].split()[0]
                break
        else:
            raise SystemExit("the page server did not start")
    finally:
        process.terminate()
        process.communicate(timeout=10)


if __name__ == "__main__":
    main()
