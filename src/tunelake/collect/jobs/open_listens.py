"""What a user of ListenBrainz listened to, from the last time on that is known; an async shell."""

from __future__ import annotations

from datetime import datetime

from tunelake.collect.entities import Sight
from tunelake.collect.jobs.open_session import OpenSession
from tunelake.collect.lists.paging import MAX_PARTS
from tunelake.collect.ports import Want
from tunelake.collect.report import Outcome, RunReport
from tunelake.domain.states import State
from tunelake.sources.listenbrainz import endpoints
from tunelake.sources.request import Request, following


async def collect(session: OpenSession, user: str, after: int) -> RunReport:
    """Collect what was listened to after a time (seconds since 1970), part by part, oldest first.

    Each part begins where the one before ends, so a run that ends early leaves no hole behind it.
    """
    side, request, seen = session.listenbrainz, endpoints.listens(user, after), 0
    side.ledger.want("listens", [user], session.clock.now())
    first, state, reason = request, State.FETCHED, ""
    links: set[str] = set()
    while True:
        links.add(request.line)
        known = await side.asker.ask(request, again=True)
        if known.state is not State.FETCHED:
            state, reason = known.state, known.reason
            break
        part = known.gist.part
        seen += len(part.keys) if part else 0
        session.progress("listens", seen, seen)
        if part is None or part.next is None:
            break
        next_ = following(part.next, side.asker.base, first.endpoint)
        if next_ is None or next_.line in links or len(links) >= MAX_PARTS:
            state, reason = State.DEFERRED, "the source tells of later listens, but does not show them"
            break
        request = next_
    _tell(session, user, first, known.at, state, reason)
    outcome = Outcome()
    want = Want(kind="listens", asked=user, state=state, reason=reason)
    side.ledger.put_wants([want], session.clock.now())
    outcome.add([want])
    side.account.notes.append(f"{seen} listens of {user}")
    return session.report(outcome)


def _tell(session: OpenSession, user: str, first: Request, at: datetime, state: State, reason: str) -> None:
    side = session.listenbrainz
    side.account.see([
        Sight(kind="listens", id=user, state=state, at=at, reason=reason, request=first.line)
    ])  # fmt: skip
    side.account.tell()
