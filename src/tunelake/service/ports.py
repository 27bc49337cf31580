"""What the service needs from the other stages, as small reading sides."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, Protocol

import msgspec

from tunelake.domain.cards import ArtistDocument
from tunelake.publish.ports import Suggestion


class Documents(Protocol):
    """Reads one artist's document."""

    def get(self, entity_id: str) -> ArtistDocument | None:
        """Return the document, or None when there is none."""


class Names(Protocol):
    """Finds artists by name."""

    def find(self, folded: str) -> list[str]:
        """Return the artists of exactly this folded name, with or without a leading "the"."""

    def suggest(self, folded: str, limit: int = 10) -> list[Suggestion]:
        """Return artists a name of which begins with this folded text, then those that hold it."""

    def near(self, folded: str, limit: int = 10) -> list[str]:
        """Return artists whose name may be meant by a slip, or by its words in another order."""


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """An artist that a person may have meant; `entity_id` is None when it is not collected."""

    name: str
    entity_id: str | None = None
    note: str | None = None


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of collecting one name.

    Attributes:
        entity_id: The artist, when found.
        ahead: Cards that the stores do not have yet: the artist's own first, then of some beside it.
        asked_for: False when all was there already, and only had to be put together.
        candidates: Who may have been meant, when ambiguous or not found.
        message: Why it failed or was not found, for people.
        until: When to try again (UTC, aware), when parked and known.
    """

    kind: Literal["found", "ambiguous", "not_found", "parked", "failed"]
    entity_id: str | None = None
    ahead: tuple[ArtistDocument, ...] = ()
    asked_for: bool = True
    candidates: tuple[Candidate, ...] = ()
    message: str | None = None
    until: datetime | None = None


class Collector(Protocol):
    """Collects an artist nobody knows yet: asks the source, and keeps what it says."""

    def collect(self, name: str) -> Outcome:
        """Collect by name and return when there is a card: in the outcome, or in the stores.

        Raises:
            TunelakeError: Anything that the outcome cannot say.
        """
