"""The state of a home in lines for people. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from tunelake.observe.budgets import BudgetState
from tunelake.observe.jobs import Job, in_words
from tunelake.observe.status import OTHER, LakeState, LedgerState, Status

_KINDS = {
    "artist": ("artist", "artists"),
    "album": ("album", "albums"),
    "track": ("track", "tracks"),
    "playlist": ("playlist", "playlists"),
    "albums": ("list of albums", "lists of albums"),
    "releases": ("list of releases", "lists of releases"),
    "tracks": ("list of tracks", "lists of tracks"),
}
_STATES = (
    "fetched", "unchanged", "wanted", "deferred", "quarantined", "ambiguous", "not_found", "forbidden", "gone"
)  # fmt: skip
_UNITS = ((10**12, "TB"), (10**9, "GB"), (10**6, "MB"), (10**3, "kB"))
_ROWS_SHOWN = 40


def lines(state: Status) -> Iterator[str]:
    """Write the state, line by line."""
    yield f"Tunelake {state.version} in {state.home}, {state.at:%Y-%m-%d %H:%M:%S} UTC"
    if state.control:
        yield f"ledger and budgets are shared, in {state.control}; jobs and counts are of this home alone"
    if state.lake.place:
        yield f"the lake is in {state.lake.place}"
    yield from _section("running now", _running(state))
    yield from _section("sources", _sources(state))
    yield from _section("ledger", _ledger(state.ledgers))
    yield from _section("lake", _lake(state.lake, state.at))
    yield from _section("stores", _stores(state))
    yield from _section("last jobs", _last(state))
    yield from _section("needs attention", list(_attention(state)))


def _section(title: str, body: Sequence[str]) -> Iterator[str]:
    if body:
        yield ""
        yield title.upper()
        yield from (f"  {line}" for line in body)


def _running(state: Status) -> list[str]:
    rows = []
    for job in state.running:
        far = f"{job.stage}: {job.done:,}" + (f" of {job.total:,}" if job.total else "") if job.stage else ""
        sent = f"{job.requests:,} requests, {job.rate:.1f}/s" if job.requests else ""
        refused = f"{job.refused:,} refused (429)" if job.refused else ""
        pid = f"pid {job.pid}"
        rows.append([job.name, pid, f"for {in_words(job.seconds(state.at))}", far, sent, refused])
    return _aligned(rows) or ["nothing"]


def _sources(state: Status) -> list[str]:
    budgets = {budget.source: budget for budget in state.budgets}
    owed = {one.source: one for one in state.estimates}
    rows: list[str] = []
    for source in dict.fromkeys([*budgets, *(one.source for one in state.ledgers if one.source != OTHER)]):
        ledger = next((one for one in state.ledgers if one.source == source), None)
        budget = budgets.get(source)
        limits = _limits(budget, busy=bool(state.running))
        said = [*_parked(budget, state.at), *limits, *_quota(budget, state.at)]
        if one := owed.get(source):
            things = ", ".join(f"{count:,} {_named(kind, count)}" for kind, count in one.owed.items())
            when = f"done about {_when(one.done_at, state.at)}" if one.done_at else "no end can be told"
            said.append(f"owed: {things or 'parts of lists'}")
            said.append(f"about {one.calls:,} call{'' if one.calls == 1 else 's'}; {when} ({one.says})")
        elif ledger:
            said.append("nothing is owed")
        rows += [f"{source if not n else '':<14}{text}" for n, text in enumerate(said)]
    return rows or ["nothing was asked for yet"]


def _parked(budget: BudgetState | None, now: datetime) -> Iterator[str]:
    if budget and budget.parked_until:
        until, left = budget.parked_until, in_words((budget.parked_until - now).total_seconds())
        yield f"PARKED until {until:%Y-%m-%d %H:%M:%S} UTC (for {left}): {budget.reason}; nothing is sent"


def _limits(budget: BudgetState | None, *, busy: bool) -> Iterator[str]:
    if budget is None:
        return
    known = " and ".join(budget.limits) or "no limit was met yet"
    allowed = f", {budget.rate:.3g}/s" if budget.rate else ""
    used = f"; {budget.share:.0%} of it used in the last minute" if budget.share is not None else ""
    yield f"limit: {known}{allowed}{used}"
    waits = f"waiting: {', '.join(budget.waiting)}; " if budget.waiting else ""
    asked = budget.granted + budget.refused
    wasted = f"refused: {budget.refused:,} of {asked:,} requests" if asked else "nothing was sent yet"
    # What a process that died had sent stays in flight until the next one runs.
    flying = f"; {budget.in_flight} in flight" if budget.in_flight and busy else ""
    yield f"{waits}{wasted}{flying}"


def _quota(budget: BudgetState | None, now: datetime) -> Iterator[str]:
    for quota in budget.quotas if budget else ():
        of = f" of {quota.endpoint}" if quota.endpoint else ""
        kept = f"; {quota.reserve:.0%} is kept for on demand" if quota.reserve else ""
        ends = f", until {_when(quota.ends, now)}" if quota.ends else ""
        span = in_words(quota.period_s)
        yield f"quota{of}: {quota.calls:,} in {span}, {quota.left:,} left{ends}{kept}"


def _ledger(ledgers: Sequence[LedgerState]) -> list[str]:
    rows = []
    for ledger in ledgers:
        for what, kinds in (("asked for", ledger.wants), ("known", ledger.things)):
            for kind, states in sorted(kinds.items()):
                told = sorted(states, key=_STATES.index)
                said = ", ".join(f"{states[one]:,} {one.replace('_', ' ')}" for one in told)
                rows.append([ledger.source, what, _named(kind, 2), said])
        if ledger.short:
            rows.append([ledger.source, "known", "lists", f"{ledger.short:,} shorter than the source states"])
        if ledger.closed:
            rows.append([ledger.source, "not allowed", "endpoints", ", ".join(ledger.closed)])
    return _aligned(rows)


def _lake(lake: LakeState, now: datetime) -> list[str]:
    parts = ", ".join(f"{part} {_size(size)}" for part, size in lake.bytes.items() if size)
    landed = (
        f"landed {in_words((now - lake.landed_at).total_seconds())} ago" if lake.landed_at else "never landed"
    )
    waits = "everything has landed"
    if lake.waiting_bytes:
        waits = f"{_size(lake.waiting_bytes)} wait to be landed, the oldest for {in_words(lake.lag_s(now))}"
    rows = [[f"{table.rows:,}", table.name, _size(table.bytes), _files(table.files)] for table in lake.tables]
    shown = _aligned(rows[:_ROWS_SHOWN], right=1)
    head = f"{_size(sum(lake.bytes.values()))}: {parts}" if parts else "empty"
    kept = f"copies of it on this machine: {_size(lake.copies_bytes)}"
    most = "" if lake.copies_most is None else f" of at most {_size(lake.copies_most)} (TUNELAKE_CACHE_GB)"
    return [
        head,
        *([f"{kept}{most}"] if lake.place else []),
        f"{landed}; {waits}",
        *(["rows in the log of each table:"] if rows else []),
        *shown,
    ]


def _stores(state: Status) -> list[str]:
    rows = [
        [
            store.name,
            _size(store.bytes),
            f"written {in_words((state.at - store.written_at).total_seconds())} ago",
            f"version {store.version}" if store.version else "",
        ]
        for store in state.stores
    ]
    return _aligned(rows)


def _last(state: Status) -> list[str]:
    rows = []
    for job in state.last:
        gaps = f"{job.gaps:,} gap{'s' if job.gaps > 1 else ''}" if job.gaps else ""
        sent = f"{job.requests:,} requests" if job.requests else ""
        rows.append([
            _when(job.started_at, state.at), job.name, job.outcome, f"in {in_words(job.seconds(state.at))}",
            sent, gaps, _short(job),
        ])  # fmt: skip
    return _aligned(rows)


def _short(job: Job) -> str:
    until = f"until {job.until:%Y-%m-%d %H:%M:%S} UTC: " if job.until else ""
    said = f"{until}{job.says}"
    return said if len(said) <= 90 else said[:89] + "…"  # noqa: PLR2004  what a line has room for


def _attention(state: Status) -> Iterator[str]:
    yield from state.lake.troubles
    if state.last and state.last[0].outcome in {"died", "failed", "refused"}:
        job = state.last[0]
        yield f"the last job ({job.name}) {job.outcome}: {job.says}"
    if state.lake.waiting_bytes and not state.running:
        yield "answers wait to be landed and no job runs: `tunelake build` lands them"


def _when(at: datetime | None, now: datetime) -> str:
    if at is None:
        return "?"
    return f"{at:%H:%M:%S}" if at.date() == now.date() else f"{at:%Y-%m-%d %H:%M}"


def _named(kind: str, count: int) -> str:
    one, many = _KINDS.get(kind, (kind, kind))
    return (one if count == 1 else many).replace("_", " ")


def _size(size: int) -> str:
    for least, unit in _UNITS:
        if size >= least:
            return f"{size / least:.1f} {unit}"
    return f"{size} B"


def _files(count: int) -> str:
    return f"{count:,} file{'' if count == 1 else 's'}"


def _aligned(rows: list[list[str]], right: int = 0) -> list[str]:
    """Columns of one width each; the first `right` of them to the right."""
    if not rows:
        return []
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    return [
        "  ".join(
            text.rjust(width) if place < right else text.ljust(width)
            for place, (text, width) in enumerate(zip(row, widths, strict=True))
            if width
        ).rstrip()
        for row in rows
    ]
