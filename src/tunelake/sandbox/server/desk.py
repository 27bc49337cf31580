"""The whole server but for its sockets: a request to a reply, with time as an argument."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping

import msgspec

from tunelake.sandbox.catalogue import Catalogue
from tunelake.sandbox.server.accounts import Accounts
from tunelake.sandbox.server.calls import Call
from tunelake.sandbox.server.changes import changed
from tunelake.sandbox.server.config import Client, Ready, SandboxConfig
from tunelake.sandbox.server.consent import authorize
from tunelake.sandbox.server.lies import lied
from tunelake.sandbox.server.limits import Gate
from tunelake.sandbox.server.listening import Listening
from tunelake.sandbox.server.pictures import picture
from tunelake.sandbox.server.refusals import GrantRefusal, Refusal
from tunelake.sandbox.server.render import Renderer
from tunelake.sandbox.server.routes import UNKNOWN, answer, match

JSON = "application/json; charset=utf-8"
HTML = "text/html; charset=utf-8"
CONTROL = "/control"
TOKEN = "/api/token"  # noqa: S105  a path


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """One request; header names are in lower case."""

    method: str
    path: str
    params: Mapping[str, str]
    headers: Mapping[str, str]
    form: Mapping[str, str] = {}
    shift: int = 0


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """One answer, not yet compressed; `endpoint` is the template it is counted under."""

    endpoint: str
    status: int
    body: bytes = b""
    content_type: str = JSON
    headers: Mapping[str, str] = {}


class Desk:
    """Answers requests for one catalogue at one address (`origin`, such as http://127.0.0.1:8080).

    Attributes:
        mark: The header of every answer, telling that a sandbox gave it, of what, and with what rights.
    """

    def __init__(self, config: SandboxConfig, catalogue: Catalogue, origin: str) -> None:
        own = Client(config.client_id, config.client_secret)
        self._config = config
        self._origin = origin
        self._accounts = Accounts([own, *config.more_clients], config.token_lifetime_s)
        self._gate = Gate(config.limits, config.quota)
        self._render = Renderer(catalogue, config.profile, origin)
        self._listening = Listening(config.play_every_s)
        self._encode = msgspec.json.Encoder().encode
        about = catalogue.about
        self.mark = {"Tunelake-Sandbox": f"rights={about.rights}; label={json.dumps(about.label)}"}
        first = next(iter(catalogue.playlists()), None)
        owned = catalogue.playlist(first) if first else None
        self._user = owned.owner_id if owned else "sandbox"

    @property
    def ready(self) -> Ready:
        """Where everything is."""
        return Ready(
            api_url=f"{self._origin}/v1",
            accounts_url=self._origin,
            control_url=f"{self._origin}{CONTROL}",
            client_id=self._config.client_id,
            client_secret=self._config.client_secret,
        )

    def reply(self, ask: Ask, now: float) -> Reply:
        """Answer a request at a time (seconds of a clock that never goes back)."""
        if ask.path.startswith("/v1/"):
            return self.admit(ask, now)()
        if ask.path == TOKEN and ask.method == "POST":
            return self._token(ask, now)
        if ask.path == "/authorize" and ask.method == "GET":
            shown = authorize(ask.params, self._accounts, self._user, now)
            return Reply(
                endpoint="/authorize",
                status=shown.status,
                body=shown.text.encode(),
                content_type=HTML,
                headers={"Location": shown.location} if shown.location else {},
            )
        if ask.path.startswith("/image/"):
            body = picture(ask.path.removeprefix("/image/"))
            return Reply(endpoint="/image/{id}", status=200, body=body, content_type="image/svg+xml")
        return self._refused("/*", Refusal(404, "Service not found"))

    def admit(self, ask: Ask, now: float) -> Callable[[], Reply]:
        """Count a request of the catalogue API, and say how to answer it: on any thread, whenever."""
        template, raw_id = match(ask.path)
        try:
            call = self._admitted(ask, template, raw_id, now)
        except Refusal as refusal:
            refused = self._refused(template, refusal)
            return lambda: refused
        return lambda: self._answered(template, call, ask.headers.get("if-none-match", ""))

    def _admitted(self, ask: Ask, template: str, raw_id: str, now: float) -> Call:
        grant = self._accounts.bearer(ask.headers.get("authorization"), now)
        if template != UNKNOWN:
            self._gate.pass_through(grant.client_id, template, now)
        if ask.method != "GET":
            raise Refusal(405, "Method not allowed")
        return Call(
            path=ask.path.rstrip("/"),
            raw_id=raw_id,
            params=ask.params,
            render=self._render,
            user=grant.user,
            scopes=frozenset(grant.scope.split()),
            listening=self._listening,
            shift=ask.shift,
        )

    def _answered(self, template: str, call: Call, if_none_match: str) -> Reply:
        try:
            said = answer(template, self._config.profile, call)
        except Refusal as refusal:
            return self._refused(template, refusal)
        if self._config.drift:
            said = changed(said, self._config.drift)
        body = self._encode(lied(said, self._config.lies) if self._config.lies else said)
        tag = f'W/"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
        headers = {"ETag": tag, "Cache-Control": "private, max-age=0"}
        if _holds(if_none_match, tag):
            return Reply(endpoint=template, status=304, headers=headers)
        return Reply(endpoint=template, status=200, body=body, headers=headers)

    def _token(self, ask: Ask, now: float) -> Reply:
        headers = {"Cache-Control": "no-store"}
        try:
            given = self._accounts.token(ask.form, ask.headers.get("authorization", ""), now)
        except GrantRefusal as refusal:
            body = self._encode(refusal.body())
            return Reply(endpoint=TOKEN, status=400, body=body, headers=headers)
        return Reply(endpoint=TOKEN, status=200, body=self._encode(given), headers=headers)

    def _refused(self, endpoint: str, refusal: Refusal) -> Reply:
        body = self._encode(refusal.body())
        return Reply(endpoint=endpoint, status=refusal.status, body=body, headers=refusal.headers())


def _holds(if_none_match: str, tag: str) -> bool:
    """Whether the client already has this; tags are compared weakly."""
    given = {one.strip().removeprefix("W/") for one in if_none_match.split(",")}
    return tag.removeprefix("W/") in given or "*" in given
