"""`tunelake doctor`: what is configured, reachable and allowed."""

from __future__ import annotations

import importlib.util
from datetime import UTC, datetime

import click
import msgspec

import tunelake
from tunelake.cli.show import emit, json_option, table
from tunelake.collect.capabilities import Capabilities
from tunelake.collect.control import place_of
from tunelake.collect.login.files import LoginFiles
from tunelake.collect.login.session import left
from tunelake.collect.probe import Probed
from tunelake.errors import ConfigError, Retryable, TunelakeError, how_to_install
from tunelake.lake.home import old_copies, read_note
from tunelake.lake.places.file_copies import FileCopies
from tunelake.settings import Settings, load

EXTRAS = {
    "fast": "uvloop",
    "similar": "numpy",
    "serve": "lmdb",
    "aws": "boto3",
    "app": "litestar",
    "search": "tantivy",
    "observe": "prometheus_client",
}
TIME = "%Y-%m-%d %H:%M"


class Finding(msgspec.Struct, frozen=True):
    """One thing looked at: whether it is well (None: cannot be told), and what to know or do."""

    what: str
    well: bool | None
    says: str


@click.command()
@click.option("--offline", is_flag=True, help="Ask no server.")
@json_option
def doctor(offline: bool, as_json: bool) -> int:
    """Tell what is configured, reachable and allowed; exits with 2 when something has to be changed.

    Asks each kind of endpoint once (about ten calls) unless told --offline.
    """
    settings = load()
    findings = [
        _python(),
        _home(),
        *_lake(),
        *_control(settings),
        *_extras(),
        _credentials(settings),
        _login(settings),
    ]
    probed = None
    if not offline and settings.spotify_client_id:
        finding, probed = _source(settings)
        findings.append(finding)
    known = _remembered(settings)
    document = {
        "findings": msgspec.to_builtins(findings),
        "probed": _told(probed) if probed else None,
        "capabilities": msgspec.to_builtins(known),
    }
    emit(document, as_json=as_json, human=lambda: _show(findings, probed, known))
    return 2 if any(finding.well is False for finding in findings) else 0


def _python() -> Finding:
    return Finding("tunelake", well=True, says=tunelake.__version__)


def _home() -> Finding:
    try:
        lake = tunelake.open()
    except TunelakeError as error:
        return Finding("home", well=False, says=str(error))
    return Finding("home", well=True, says=str(lake.lake.home.root))


def _lake() -> list[Finding]:
    """The lake, where it is not in the home."""
    try:
        home = tunelake.open().lake.home
        if home.far is None:
            return []
        home.far.read("home.json")
        found = [Finding("lake", well=True, says=f"{home.far.uri} answers"), _copies(home.far.copies)]
        if old := old_copies(home):
            says = f"the lake as it was before it was moved is still in the home ({', '.join(old)})"
            found.append(Finding("old lake", well=None, says=f"{says}: `tunelake move --remove` removes it"))
    except ConfigError as error:
        return [Finding("lake", well=False, says=str(error))] if load().lake_url else []
    except TunelakeError as error:
        return [Finding("lake", well=False, says=str(error))]
    return found


def _copies(copies: FileCopies) -> Finding:
    """What this machine keeps of a lake that is elsewhere; what is being read stays beyond the bound."""
    there, most = copies.bytes() / 1e9, (copies.most or 0) / 1e9
    says = f"{there:.2f} GB of files of the lake in {copies.root}, at most {most:g} GB (TUNELAKE_CACHE_GB)"
    return Finding("copies", well=True if there <= most else None, says=says)


def _control(settings: Settings) -> list[Finding]:
    """The database that machines share, where there is one."""
    if not settings.control_url:
        return []
    try:
        with tunelake.open().ledger():
            return [Finding("control database", well=True, says=place_of(settings.control_url.reveal()))]
    except TunelakeError as error:
        return [Finding("control database", well=False, says=str(error))]


def _extras() -> list[Finding]:
    found = {name: importlib.util.find_spec(package) is not None for name, package in EXTRAS.items()}
    return [
        Finding(f"extra {name}", well=True if there else None, says="installed" if there else _how(name))
        for name, there in found.items()
    ]


def _how(extra: str) -> str:
    return f"not installed: {how_to_install(extra)}"


def _credentials(settings: Settings) -> Finding:
    if settings.spotify_client_id and settings.spotify_client_secret:
        return Finding("credentials", well=True, says="client id and secret are set")
    return Finding(
        "credentials",
        well=None,
        says="not set: TUNELAKE_SPOTIFY_CLIENT_ID and TUNELAKE_SPOTIFY_CLIENT_SECRET; "
        "`tunelake sandbox serve` prints a pair to try",
    )


def _login(settings: Settings) -> Finding:
    files = LoginFiles(settings.home)
    try:
        login = files.read()
    except ConfigError as error:
        return Finding("login", well=False, says=str(error))
    if login is None:
        return Finding("login", well=None, says="nobody is logged in: `tunelake login`")
    if login.ended:
        return Finding(
            "login", well=False, says=f"{login.user_id}: {login.ended}; run `tunelake login` again"
        )
    now = datetime.now(UTC)
    says = (
        f"{login.user_id} until {login.ends:%Y-%m-%d} ({left(login.ends, now)}); "
        f"access token: {left(login.access_until, now)}; kept in {files.where}"
    )
    return Finding("login", well=login.ends > now, says=says)


def _source(settings: Settings) -> tuple[Finding, Probed | None]:
    try:
        probed = tunelake.open().probe()
    except TunelakeError as error:
        return Finding("source", well=False, says=str(error)), None
    if probed.held:
        return Finding("source", well=None, says=probed.held), probed
    says = f"{settings.spotify_api_url} answers, as to an application of profile {probed.profile}"
    return Finding("source", well=True, says=says), probed


def _remembered(settings: Settings) -> Capabilities | None:
    """What earlier runs and questions found out; nothing is asked."""
    note = read_note(settings.home)
    try:
        return tunelake.open().capabilities() if note and settings.spotify_client_id else None
    except (ConfigError, Retryable):
        return None  # what is wrong with the home or its database is a finding of its own


def _told(probed: Probed) -> dict[str, object]:
    """What was found out now, without the answers it was found out from."""
    return {name: getattr(probed, name) for name in ("endpoints", "profile", "held", "calls")}


def _show(findings: list[Finding], probed: Probed | None, known: Capabilities | None) -> None:
    marks = {True: "ok", False: "WRONG", None: "-"}
    table(["", "what", ""], [[marks[one.well], one.what, one.says] for one in findings])
    unsettled = [name for name, says in probed.endpoints.items() if says == "unknown"] if probed else []
    if not known or not known.endpoints:
        return
    click.echo()
    rows = [
        [one.endpoint, one.verdict, f"{one.first_seen_at:{TIME}}", f"{one.last_seen_at:{TIME}}", one.reason]
        for one in known.endpoints
    ]
    rows += [[name, "unknown", "", "", "no answer for good"] for name in unsettled]
    table(["endpoint", "this application", "first seen (UTC)", "last seen (UTC)", "why"], rows)
    places: dict[str, list[str]] = {}
    for one in known.not_given:
        places.setdefault(f"{one.place} of {one.endpoint}", []).append(one.field)
    for place, fields in places.items():
        click.echo(f"fields this application is not given: {place}: {', '.join(fields)}")
