"""What a sandbox server is told, and the words of its options."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from typing import Literal

import msgspec

from tunelake.errors import ConfigError
from tunelake.sandbox.server.changes import Change
from tunelake.sandbox.server.lies import Lie

MAX_PORT = 65_535
Profile = Literal["extended", "development"]


class WindowLimit(msgspec.Struct, frozen=True, tag="window"):
    """At most `calls` calls in any `seconds` seconds, for each client id."""

    calls: int
    seconds: float


class BucketLimit(msgspec.Struct, frozen=True, tag="bucket"):
    """A bucket of `burst` tokens that fills by `rate` tokens a second, for each client id."""

    rate: float
    burst: int


class Quota(msgspec.Struct, frozen=True):
    """At most `calls` calls to an endpoint by all clients of the account, then a ban of `ban_s` seconds."""

    calls: int
    ban_s: float


class Client(msgspec.Struct, frozen=True):
    """An application that may ask for tokens."""

    id: str
    secret: str


def _made_up(purpose: str) -> str:
    """32 hexadecimal digits, as real credentials have; the same for everybody, since they guard nothing."""
    return hashlib.blake2b(purpose.encode(), digest_size=16).hexdigest()


DEMO_CLIENT = Client(_made_up("tunelake sandbox client id"), _made_up("tunelake sandbox client secret"))


class SandboxConfig(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a sandbox server can be told; the defaults are a friendly server without limits or faults.

    Attributes:
        port: 0 takes a free one.
        profile: What kind of application its clients are.
        limits: All of them must allow a call.
        token_lifetime_s: Seconds until an access token expires.
        latency_s: Seconds that every answer waits.
        rate_5xx: Share (0 to 1) of calls answered 500, 502 or 503; likewise the other rates.
        rate_cut: Connections closed in mid-body.
        rate_slow: Bodies that dribble over `slow_s` seconds.
        rate_malformed: Truncated JSON, or an HTML page with status 200.
        rate_shift: Pages after the first whose offset has moved by one, as after an insert or a removal.
        drift: Fields that are gone, have another name or type, or are new.
        lies: What lists say that is not so: "total", "circle", "endless"; see `lies.lied`.
        retry_after: What a refusal says instead of the seconds to wait; see `lies.waiting`.
        seed: Faults repeat exactly for the same seed and the same calls.
        more_clients: Further applications of the same developer account.
        play_every_s: Seconds between the plays of a user.
    """

    host: str = "127.0.0.1"
    port: int = 0
    profile: Profile = "extended"
    limits: tuple[WindowLimit | BucketLimit, ...] = ()
    quota: Quota | None = None
    token_lifetime_s: float = 3600
    latency_s: float = 0
    rate_5xx: float = 0
    rate_cut: float = 0
    rate_slow: float = 0
    slow_s: float = 2
    rate_malformed: float = 0
    rate_shift: float = 0
    drift: tuple[Change, ...] = ()
    lies: tuple[Lie, ...] = ()
    retry_after: str = ""
    seed: int = 0
    client_id: str = DEMO_CLIENT.id
    client_secret: str = DEMO_CLIENT.secret
    more_clients: tuple[Client, ...] = ()
    play_every_s: float = 210

    def __post_init__(self) -> None:
        """Refuse values that mean nothing."""
        if not 0 <= self.port <= MAX_PORT:
            raise ConfigError(f"a port is a number from 0 to {MAX_PORT}, not {self.port}")
        rates = {name: getattr(self, name) for name in self.__struct_fields__ if name.startswith("rate_")}
        for name, rate in rates.items():
            if not 0 <= rate <= 1:
                raise ConfigError(f"{name} is a share between 0 and 1, not {rate}")
        if sum(rates.values()) - self.rate_shift > 1:
            raise ConfigError("the rates of 5xx, cut, slow and malformed answers add up to more than 1")
        if not self.token_lifetime_s > 0:
            raise ConfigError(f"a token lives longer than 0 seconds, not {self.token_lifetime_s}")
        if not self.play_every_s > 0:
            raise ConfigError(f"users play something every so many seconds, not every {self.play_every_s}")
        if self.latency_s < 0 or self.slow_s < 0:
            raise ConfigError("latency and slowness are seconds, 0 or more")


class Ready(msgspec.Struct, frozen=True, kw_only=True):
    """Where a running sandbox is, and how to log in to it; open sources are beside it, or empty."""

    api_url: str
    accounts_url: str
    control_url: str
    client_id: str
    client_secret: str
    musicbrainz_url: str = ""
    listenbrainz_url: str = ""


def parse_limits(texts: Sequence[str]) -> tuple[WindowLimit | BucketLimit, ...]:
    """Read `window:CALLS/SECONDS` and `bucket:RATE/BURST`.

    Raises:
        ConfigError: A text is neither.
    """
    return tuple(_parse_limit(text) for text in texts)


def _parse_limit(text: str) -> WindowLimit | BucketLimit:
    usage = f"limit {text!r} is not understood: write window:CALLS/SECONDS or bucket:RATE/BURST"
    kind, _, numbers = text.partition(":")
    first, second = _two_numbers(numbers, "/", usage)
    if kind == "window":
        return WindowLimit(_whole(first, usage), second)
    if kind == "bucket":
        return BucketLimit(first, _whole(second, usage))
    raise ConfigError(usage)


def parse_quota(text: str) -> Quota:
    """Read `CALLS:SECONDS`, for example `600:72000`.

    Raises:
        ConfigError: The text says something else.
    """
    usage = f"quota {text!r} is not understood: write CALLS:SECONDS, for example 600:72000"
    calls, ban_s = _two_numbers(text, ":", usage)
    return Quota(_whole(calls, usage), ban_s)


def _two_numbers(text: str, separator: str, usage: str) -> tuple[float, float]:
    try:
        first, second = (float(part) for part in text.split(separator))
    except ValueError as error:
        raise ConfigError(usage) from error
    if not all(math.isfinite(number) and number > 0 for number in (first, second)):
        raise ConfigError(f"{usage} (numbers above 0)")
    return first, second


def _whole(number: float, usage: str) -> int:
    if not number.is_integer():
        raise ConfigError(f"{usage} (a whole number of calls)")
    return int(number)
