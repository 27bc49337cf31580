"""How fast an open source may be asked: its limit is published, so nothing is learned from its answers."""

from __future__ import annotations

from datetime import datetime

from tunelake.collect.budget.budgets import Budgets
from tunelake.collect.budget.verdicts import Judge, Verdict, waiting
from tunelake.collect.decide import TOO_MANY, retry_after
from tunelake.collect.open_sources.servers import BUSY_WAIT_S, Server, as_limited, window_wait
from tunelake.collect.ports import Clock, HttpRequest, HttpResponse, Transport


def governed(budgets: Budgets, transport: Transport, clock: Clock, server: Server) -> Transport:
    """Keep what goes to a source within its budget.

    Raises:
        ConfigError: The budget cannot be used.
    """
    return budgets.governed(transport, clock, server.base, judge_of(server), interval_s=server.interval_s)


def judge_of(server: Server) -> Judge:
    """What the answers of a source say of its budget."""

    def judge(_: HttpRequest, response: HttpResponse, now: datetime) -> Verdict:
        limited = as_limited(server, response)
        if limited.status == TOO_MANY:
            told = retry_after(limited.headers["retry-after"], now) or float(BUSY_WAIT_S)
            return waiting(max(told, server.interval_s), refused=True)
        return waiting(max(server.interval_s, window_wait(response)))

    return judge
