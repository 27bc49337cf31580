"""What a fault does to a reply before it is sent. Pure."""

from __future__ import annotations

import gzip

import msgspec

from tunelake.sandbox.server.desk import HTML, JSON, Reply
from tunelake.sandbox.server.faults import HTML_PAGE, Harm
from tunelake.sandbox.server.refusals import Refusal

WORTH_COMPRESSING = 600
SERVER_ERRORS = {"500": "Server error.", "502": "Bad gateway.", "503": "Service temporarily unavailable"}


def server_error(endpoint: str, harm: Harm) -> Reply:
    """The answer of a server that has broken down."""
    refusal = Refusal(int(harm), SERVER_ERRORS[harm])
    return Reply(endpoint=endpoint, status=refusal.status, body=msgspec.json.encode(refusal.body()))


def spoiled(reply: Reply, harm: Harm | None) -> Reply:
    """The reply with a body that is not what its status and type promise, if that is the harm."""
    if harm == "truncated":
        return msgspec.structs.replace(reply, body=reply.body[: len(reply.body) * 2 // 3])
    if harm == "html":
        return msgspec.structs.replace(reply, status=200, body=HTML_PAGE, content_type=HTML)
    return reply


def compressed(reply: Reply, accept_encoding: str) -> Reply:
    """The reply as gzip, if the client takes it and it is worth while."""
    if len(reply.body) < WORTH_COMPRESSING or "gzip" not in accept_encoding or reply.content_type != JSON:
        return reply
    headers = {**reply.headers, "Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
    body = gzip.compress(reply.body, compresslevel=1, mtime=0)
    return msgspec.structs.replace(reply, body=body, headers=headers)
