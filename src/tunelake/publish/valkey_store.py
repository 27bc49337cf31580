"""Documents in Valkey or Redis: one hash of documents, so that one HGET answers.

A new set is staged beside it; one script puts what differs in place, at once. It does so only when nobody
else published meanwhile.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tunelake.domain.cards import ArtistDocument
from tunelake.errors import ConfigError, Fatal, Retryable, how_to_install
from tunelake.publish.content import Changes, check_counts, hash_of
from tunelake.publish.documents import decoded, encoded

_CHUNK = 200  # documents sent at once
_STAGE_SECONDS = 86_400  # what a killed publication left behind goes away by itself
_LET_IN = ("WRONGPASS", "NOAUTH", "NOPERM", "invalid username-password", "Authentication required")

# KEYS: version, documents, hashes, staged documents, staged hashes, gone. ARGV: the version that was seen.
_SWITCH = """
if (redis.call('GET', KEYS[1]) or '0') ~= ARGV[1] then return 0 end
for _, pair in ipairs({{KEYS[4], KEYS[2]}, {KEYS[5], KEYS[3]}}) do
  if redis.call('EXISTS', pair[2]) == 0 then
    if redis.call('EXISTS', pair[1]) == 1 then
      redis.call('PERSIST', pair[1])
      redis.call('RENAME', pair[1], pair[2])
    end
  else
    for _, field in ipairs(redis.call('HKEYS', pair[1])) do
      redis.call('HSET', pair[2], field, redis.call('HGET', pair[1], field))
    end
    for _, field in ipairs(redis.call('SMEMBERS', KEYS[6])) do
      redis.call('HDEL', pair[2], field)
    end
    redis.call('UNLINK', pair[1])
  end
end
redis.call('UNLINK', KEYS[6])
redis.call('INCR', KEYS[1])
return 1
"""


class ValkeyDocuments:
    """A `DocumentStore` in a Valkey or Redis server.

    Args:
        url: "redis://[USER]:PASSWORD@HOST:PORT/DATABASE", "rediss://" for TLS; `?prefix=NAME` puts the keys
            apart from those of others. It may hold a password and is never printed whole.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._url = parts._replace(query="").geturl()
        prefix = parse_qs(parts.query).get("prefix", ["tunelake"])[0]
        self._key = f"{{{prefix}}}:"  # braces keep the keys together in a cluster
        try:
            self._place = f"{parts.scheme}://{parts.hostname}:{parts.port or 6379}{parts.path}"
        except ValueError as error:
            raise ConfigError(
                f"the address of the documents cannot be understood: {parts.scheme}://..."
            ) from error

    @contextmanager
    def replacing(
        self, documents: Iterable[ArtistDocument], expected: int, *, verify: bool = False
    ) -> Iterator[Changes]:
        """See `DocumentStore`."""
        token = uuid.uuid4().hex
        staged, hashes, gone = (f"{self._key}{what}:{token}" for what in ("stage", "stage-hashes", "gone"))
        with self._translated():
            seen = self._client.get(f"{self._key}version") or b"0"
            try:
                changes = self._stage(self._known(verify=verify), documents, expected, (staged, hashes, gone))
                yield changes
                keys = [f"{self._key}{name}" for name in ("version", "documents", "hashes")]
                if not self._client.eval(_SWITCH, 6, *keys, staged, hashes, gone, seen):
                    raise Retryable(f"{self._place}: somebody else published meanwhile; publish again")
            finally:
                self._drop(staged, hashes, gone)

    def replace_artists(self, entity_ids: Collection[str], documents: Iterable[ArtistDocument]) -> None:
        """See `DocumentStore`."""
        texts = {document.entity_id: encoded(document) for document in documents}
        gone = [entity_id for entity_id in entity_ids if entity_id not in texts]
        with self._translated(), self._client.pipeline(transaction=True) as pipeline:
            if gone:
                pipeline.hdel(f"{self._key}documents", *gone)
                pipeline.hdel(f"{self._key}hashes", *gone)
            self._put(pipeline, f"{self._key}documents", f"{self._key}hashes", texts)
            pipeline.incr(f"{self._key}version")
            pipeline.execute()

    def get(self, entity_id: str) -> ArtistDocument | None:
        """See `DocumentStore`."""
        with self._translated():
            text = self._client.hget(f"{self._key}documents", entity_id)
        return None if text is None else decoded(text)

    def count(self) -> int:
        """See `DocumentStore`."""
        with self._translated():
            return int(self._client.hlen(f"{self._key}documents"))

    def hashes(self) -> Iterator[tuple[str, str]]:
        """See `DocumentStore`."""
        with self._translated():
            for entity_id, text in self._client.hscan_iter(f"{self._key}documents", count=_CHUNK):
                yield entity_id.decode(), hash_of(text)

    def texts(self) -> Iterator[bytes]:
        """See `DocumentStore`."""
        with self._translated():
            for key in self._client.scan_iter(f"{self._key}*"):
                kind = self._client.type(key)
                if kind == b"hash":
                    for entity_id, text in self._client.hscan_iter(key, count=_CHUNK):
                        yield entity_id + b" " + text
                elif kind == b"set":
                    yield from self._client.sscan_iter(key)

    def scrub(self) -> None:
        """See `DocumentStore`; memory keeps nothing, and the files of the server are written anew."""
        from valkey.exceptions import ResponseError

        with self._translated():
            # Who is publishing at this moment is told that somebody else did.
            self._client.incr(f"{self._key}version")
            for pattern in ("stage*", "gone:*"):
                if left := list(self._client.scan_iter(f"{self._key}{pattern}")):
                    self._drop(*left)
            for write in (self._client.bgrewriteaof, self._client.bgsave):
                with suppress(ResponseError):  # it is doing that already, or does not let us
                    write()

    def close(self) -> None:
        """See `DocumentStore`."""
        if "_client" in self.__dict__:
            self._client.close()

    def _stage(
        self,
        known: dict[bytes, bytes],
        documents: Iterable[ArtistDocument],
        expected: int,
        keys: tuple[str, str, str],
    ) -> Changes:
        """Send what differs to keys beside the set."""
        staged, hashes, gone = keys
        changes = Changes()
        left, found, waiting = set(known), 0, {}
        for document in documents:
            key, text = document.entity_id.encode(), encoded(document)
            left.discard(key)
            found += 1
            if known.get(key) != hash_of(text).encode():
                waiting[document.entity_id] = text
            if len(waiting) == _CHUNK:
                changes.written += self._send(staged, hashes, waiting)
        changes.written += self._send(staged, hashes, waiting)
        check_counts({"documents": found}, {"documents": expected})
        changes.removed = len(left)
        if left:
            self._client.sadd(gone, *left)
            self._client.expire(gone, _STAGE_SECONDS)
        return changes

    def _known(self, *, verify: bool) -> dict[bytes, bytes]:
        if verify:
            return {entity_id.encode(): hash_.encode() for entity_id, hash_ in self.hashes()}
        return dict(self._client.hscan_iter(f"{self._key}hashes", count=_CHUNK * 10))

    def _send(self, staged: str, hashes: str, waiting: dict[str, bytes]) -> int:
        """Stage some documents and forget them; give how many."""
        count = len(waiting)
        if count:
            with self._client.pipeline(transaction=False) as pipeline:
                self._put(pipeline, staged, hashes, waiting)
                pipeline.expire(staged, _STAGE_SECONDS)
                pipeline.expire(hashes, _STAGE_SECONDS)
                pipeline.execute()
            waiting.clear()
        return count

    def _put(
        self,
        pipeline: Any,  # noqa: ANN401  (as `_client`)
        documents: str,
        hashes: str,
        texts: dict[str, bytes],
    ) -> None:
        if texts:
            pipeline.hset(documents, mapping=texts)
            pipeline.hset(hashes, mapping={key: hash_of(text) for key, text in texts.items()})

    def _drop(self, *keys: str) -> None:
        """Take away what was staged; when the server is gone, it goes away by itself later."""
        from valkey.exceptions import ValkeyError

        with suppress(ValkeyError):
            self._client.unlink(*keys)

    @cached_property
    def _client(self) -> Any:  # noqa: ANN401  (its types say that every answer may be a coroutine)
        try:
            from valkey import Valkey
        except ModuleNotFoundError as error:
            raise ConfigError(f"valkey is not installed: {how_to_install('redis')}") from error
        try:
            return Valkey.from_url(self._url, socket_connect_timeout=10, socket_timeout=60)
        except ValueError as error:
            raise ConfigError(f"the address of the documents cannot be understood: {self._place}") from error

    @contextmanager
    def _translated(self) -> Iterator[None]:
        self._client  # noqa: B018  (says itself when the package is missing)
        from valkey import exceptions

        try:
            yield
        except (exceptions.ConnectionError, exceptions.TimeoutError, exceptions.ResponseError) as error:
            said = str(error)
            if isinstance(error, exceptions.AuthenticationError) or any(word in said for word in _LET_IN):
                raise ConfigError(f"{self._place} does not let us in: {said}") from error
            if isinstance(error, exceptions.OutOfMemoryError):
                raise Fatal(f"{self._place} is full: {said} Raise its limit, then publish again") from error
            if isinstance(error, exceptions.ResponseError):
                raise Fatal(f"{self._place} refused: {said}") from error
            raise Retryable(f"{self._place} cannot be reached now: {said}") from error
        except exceptions.ValkeyError as error:
            raise Fatal(f"{self._place} cannot be used: {error}") from error
