"""Rights travel with rows: what may be done with content from where. Decisions are pure."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

Use = Literal["display", "model", "export"]

# What each rights tag allows without the operator's word; an unknown tag allows display alone.
_ALLOWED: dict[str, frozenset[Use]] = {
    "all": frozenset({"display", "model", "export"}),
    "owner": frozenset({"display", "model", "export"}),
    "cc0": frozenset({"display", "model", "export"}),
    "spotify": frozenset({"display"}),
    # Tags, genres and ratings of MusicBrainz: CC BY-NC-SA. Who may profit from them, only the operator knows.
    "musicbrainz-nc": frozenset({"display"}),
}


def allowed(rights: str, use: Use, stated: Collection[str] = ()) -> bool:
    """Decide whether content with a rights tag may be put to a use.

    Args:
        rights: Rights tag of the content.
        use: What is to be done with it.
        stated: Rights the operator states to hold, each "TAG:USE" (setting `TUNELAKE_RIGHTS`).
    """
    return use in _ALLOWED.get(rights, frozenset({"display"})) or f"{rights}:{use}" in stated


def refusal(rights: str, use: Use) -> str:
    """Say why content was left out and what the operator can do."""
    return (
        f"content with rights '{rights}' may not be used to {use}; "
        f"if you hold that right, state it: TUNELAKE_RIGHTS={rights}:{use}"
    )
