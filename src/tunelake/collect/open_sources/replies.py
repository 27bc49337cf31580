"""An open source's caller in the words of all callers, so that one asker serves every source."""

from __future__ import annotations

from tunelake.collect.caller import Check, Reply
from tunelake.collect.open_sources.caller import OpenCaller
from tunelake.collect.ports import Clock, HttpResponse
from tunelake.sources.request import Request


class Replies:
    """Asks one open source."""

    def __init__(self, caller: OpenCaller, clock: Clock) -> None:
        self._caller = caller
        self._clock = clock

    async def ask(self, request: Request, check: Check, etag: str = "") -> Reply:  # noqa: ARG002  none has one
        """Ask until there is an answer for good, or none to be had now."""
        decision, response, _ = await self._caller.ask(request)
        if decision.action == "accept":
            check(response)
        if decision.action == "park":
            return Reply(action="held", response=HttpResponse(), at=self._clock.now(), reason=decision.reason)
        return Reply(
            action=decision.action,  # type: ignore[arg-type]  # retry and renew_token do not end
            response=response,
            at=self._clock.now(),
            reason=decision.reason,
            kind=decision.kind,
        )
