"""The only reader of the environment: settings with their names, meanings and defaults."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from tunelake.errors import ConfigError


class Secret:
    """A text that never prints itself; `reveal()` is the one way to read it."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the text, for the one request that needs it."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(***)"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __bool__(self) -> bool:
        return bool(self._text)


class Allowance(msgspec.Struct, frozen=True, kw_only=True):
    """So many calls in so many seconds, as the operator knows them.

    Attributes:
        endpoint: To which; "" is all together, "each" is every one by itself.
    """

    endpoint: str
    calls: int
    seconds: float


class Aws(msgspec.Struct, frozen=True, kw_only=True):
    """Where a server of S3 is and who asks; read from the variables that every client of it knows.

    Attributes:
        endpoint: Origin of a server of one's own (`AWS_ENDPOINT_URL_S3`, `AWS_ENDPOINT_URL`); "": AWS.
        region: (`AWS_REGION`, `AWS_DEFAULT_REGION`).
        key_id: (`AWS_ACCESS_KEY_ID`); "": a profile or the role of the machine.
        secret: (`AWS_SECRET_ACCESS_KEY`).
        token: (`AWS_SESSION_TOKEN`).
    """

    endpoint: str = ""
    region: str = ""
    key_id: str = ""
    secret: Secret = Secret("")
    token: Secret = Secret("")


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What the operator set.

    Attributes:
        home: Folder that holds everything (`TUNELAKE_HOME`; default: the user data folder).
        spotify_api_url: Base of the Spotify Web API (`TUNELAKE_SPOTIFY_API_URL`), ends in "/v1".
        spotify_accounts_url: Origin of the accounts service (`TUNELAKE_SPOTIFY_ACCOUNTS_URL`).
        spotify_client_id: (`TUNELAKE_SPOTIFY_CLIENT_ID`).
        spotify_client_secret: (`TUNELAKE_SPOTIFY_CLIENT_SECRET`).
        musicbrainz_url: Base of the MusicBrainz web service (`TUNELAKE_MUSICBRAINZ_URL`), ends in "/ws/2".
        listenbrainz_url: Origin of the ListenBrainz API (`TUNELAKE_LISTENBRAINZ_URL`).
        contact: A mail address or page by which open sources can reach the operator (`TUNELAKE_CONTACT`).
        market: Default market, ISO 3166-1 alpha-2 (`TUNELAKE_MARKET`, default "US").
        rights: Rights the operator states to hold, "TAG:USE" with commas (`TUNELAKE_RIGHTS`).
        max_age_hours: A stored answer younger than this is not asked for again (`TUNELAKE_MAX_AGE_HOURS`).
        max_wait_seconds: A Retry-After up to this is waited for; a longer one parks the work
            (`TUNELAKE_MAX_WAIT_SECONDS`).
        catalogue_url: Relational store that serves, "postgresql://...", "mysql://..." or "sqlite:PATH"
            (`TUNELAKE_CATALOGUE_URL`; default: SQLite in the home).
        documents_url: Key-value store that serves, "redis://...", "dynamodb://TABLE" or "lmdb:PATH"
            (`TUNELAKE_DOCUMENTS_URL`; default: LMDB in the home).
        names: What finds artists by name, "tantivy" (default where it is installed) or "catalogue"
            (`TUNELAKE_NAMES`).
        reader_password: Password of the login that `tunelake publish reader` makes
            (`TUNELAKE_READER_PASSWORD`).
        pull_url: Database that `tunelake pull` reads when told none (`TUNELAKE_PULL_URL`).
        quota: What the source allows an application in a day or another long time
            (`TUNELAKE_QUOTA`, "CALLS:SECONDS" or "ENDPOINT=CALLS:SECONDS" with commas; none is assumed).
        control_url: A PostgreSQL that holds ledger and budgets for many machines, "postgresql://..."
            (`TUNELAKE_CONTROL_URL`; default: SQLite and files in the home).
        lake_url: Where the lake is, "s3://BUCKET/PREFIX" (`TUNELAKE_LAKE_URL`; default: in the home).
        aws: Server and credentials for it.
        cache_gb: How much of the disk copies of a lake's files may take when it is far away, in GB
            (`TUNELAKE_CACHE_GB`).
        expire_days: Days after which content of the Spotify Web API expires (`TUNELAKE_EXPIRE_DAYS`).
        spark_remote: A Spark Connect server that sees the home, "sc://host:port" (`TUNELAKE_SPARK_REMOTE`).
    """

    home: Path
    spotify_api_url: str = "https://api.spotify.com/v1"
    spotify_accounts_url: str = "https://accounts.spotify.com"
    spotify_client_id: str = ""
    spotify_client_secret: Secret = Secret("")
    musicbrainz_url: str = "https://musicbrainz.org/ws/2"
    listenbrainz_url: str = "https://api.listenbrainz.org"
    contact: str = ""
    market: str = "US"
    rights: tuple[str, ...] = ()
    max_age_hours: float = 24.0
    max_wait_seconds: float = 30.0
    expire_days: float = 30.0
    spark_remote: str = ""
    pull_url: Secret = Secret("")
    catalogue_url: Secret = Secret("")
    documents_url: Secret = Secret("")
    reader_password: Secret = Secret("")
    names: str = ""
    quota: tuple[Allowance, ...] = ()
    control_url: Secret = Secret("")
    lake_url: str = ""
    aws: Aws = Aws()
    cache_gb: float = 20.0


def _number(environ: Mapping[str, str], name: str, default: float) -> float:
    text = environ.get(name, "").strip()
    if not text:
        return default
    try:
        value = float(text)
    except ValueError:
        raise ConfigError(f"{name} is {text!r}, but must be a number") from None
    if not 0 <= value < float("inf"):
        raise ConfigError(f"{name} is {text!r}, but must be zero or more")
    return value


def _url(environ: Mapping[str, str], name: str, default: str) -> str:
    text = environ.get(name, "").strip() or default
    try:
        parts = urlsplit(text)
        well = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        well = False
    if not well:
        raise ConfigError(f"{name} is {text!r}, but must be an address such as https://host/path")
    return text.rstrip("/")


def _line(environ: Mapping[str, str], name: str) -> str:
    """A text that goes into a header of requests."""
    text = environ.get(name, "").strip()
    if not text.isascii() or not text.isprintable():
        raise ConfigError(f"{name} is {text!r}, but must be plain letters, for example you@example.org")
    return text


def _quota(environ: Mapping[str, str]) -> tuple[Allowance, ...]:
    text = environ.get("TUNELAKE_QUOTA", "")
    found = []
    for part in filter(None, map(str.strip, text.split(","))):
        endpoint, _, amount = part.rpartition("=")
        calls, _, seconds = amount.partition(":")
        try:
            one = Allowance(endpoint=endpoint.strip().lower(), calls=int(calls), seconds=float(seconds))
        except ValueError:
            one = None
        if one is None or one.calls < 1 or not 1 <= one.seconds < float("inf"):
            raise ConfigError(
                f"TUNELAKE_QUOTA is {text!r}, but must be CALLS:SECONDS (600:86400), each=CALLS:SECONDS "
                "or ENDPOINT=CALLS:SECONDS (search=600:86400), with commas between them"
            )
        found.append(one)
    return tuple(found)


def _control(environ: Mapping[str, str]) -> Secret:
    text = environ.get("TUNELAKE_CONTROL_URL", "").strip()
    kind, _, rest = text.partition("://")
    if text and (kind not in {"postgresql", "postgres", "postgresql+psycopg"} or not rest):
        # Not the text itself: it may hold a password.
        raise ConfigError(
            "TUNELAKE_CONTROL_URL must be an address such as postgresql://user:password@host/database"
        )
    return Secret(f"postgresql://{rest}" if text else "")


def _aws(environ: Mapping[str, str]) -> Aws:
    def first(*names: str) -> str:
        return next(filter(None, (environ.get(name, "").strip() for name in names)), "")

    own = next((name for name in ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL") if environ.get(name)), "")
    return Aws(
        endpoint=_url(environ, own, "") if own else "",
        region=first("AWS_REGION", "AWS_DEFAULT_REGION"),
        key_id=first("AWS_ACCESS_KEY_ID"),
        secret=Secret(first("AWS_SECRET_ACCESS_KEY")),
        token=Secret(first("AWS_SESSION_TOKEN")),
    )


def load(environ: Mapping[str, str] | None = None, home: Path | None = None) -> Settings:
    """Read the settings.

    Args:
        environ: Variables; those of the process when None.
        home: The home when `TUNELAKE_HOME` is not set; the user data folder when None.

    Raises:
        ConfigError: A value cannot be understood; the message names the variable.
    """
    env = os.environ if environ is None else environ
    market = env.get("TUNELAKE_MARKET", "").strip().upper() or "US"
    if len(market) != 2 or not market.isascii() or not market.isalpha():  # noqa: PLR2004  (alpha-2)
        raise ConfigError(f"TUNELAKE_MARKET is {market!r}, but must be two letters, for example KR")
    return Settings(
        home=Path(env["TUNELAKE_HOME"]).expanduser() if env.get("TUNELAKE_HOME") else home or default_home(),
        spotify_api_url=_url(env, "TUNELAKE_SPOTIFY_API_URL", "https://api.spotify.com/v1"),
        spotify_accounts_url=_url(env, "TUNELAKE_SPOTIFY_ACCOUNTS_URL", "https://accounts.spotify.com"),
        spotify_client_id=env.get("TUNELAKE_SPOTIFY_CLIENT_ID", "").strip(),
        spotify_client_secret=Secret(env.get("TUNELAKE_SPOTIFY_CLIENT_SECRET", "").strip()),
        musicbrainz_url=_url(env, "TUNELAKE_MUSICBRAINZ_URL", "https://musicbrainz.org/ws/2"),
        listenbrainz_url=_url(env, "TUNELAKE_LISTENBRAINZ_URL", "https://api.listenbrainz.org"),
        contact=_line(env, "TUNELAKE_CONTACT"),
        market=market,
        rights=tuple(part.strip() for part in env.get("TUNELAKE_RIGHTS", "").split(",") if part.strip()),
        max_age_hours=_number(env, "TUNELAKE_MAX_AGE_HOURS", 24.0),
        max_wait_seconds=_number(env, "TUNELAKE_MAX_WAIT_SECONDS", 30.0),
        expire_days=_number(env, "TUNELAKE_EXPIRE_DAYS", 30.0),
        spark_remote=env.get("TUNELAKE_SPARK_REMOTE", "").strip(),
        pull_url=Secret(env.get("TUNELAKE_PULL_URL", "").strip()),
        catalogue_url=Secret(env.get("TUNELAKE_CATALOGUE_URL", "").strip()),
        documents_url=Secret(env.get("TUNELAKE_DOCUMENTS_URL", "").strip()),
        reader_password=Secret(env.get("TUNELAKE_READER_PASSWORD", "")),
        names=env.get("TUNELAKE_NAMES", "").strip().lower(),
        quota=_quota(env),
        control_url=_control(env),
        lake_url=env.get("TUNELAKE_LAKE_URL", "").strip(),
        aws=_aws(env),
        cache_gb=_number(env, "TUNELAKE_CACHE_GB", 20.0),
    )


def handed_down(settings: Settings) -> dict[str, str]:
    """Return the environment of a program that is to work on the same home."""
    return dict(os.environ) | {"TUNELAKE_HOME": str(settings.home)}


def default_home() -> Path:
    """Return the platform's user data folder for Tunelake."""
    import platformdirs

    return Path(platformdirs.user_data_dir("tunelake", appauthor=False))
