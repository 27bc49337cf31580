"""How collecting goes, in one line. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tunelake.observe.live import Live


def live_words(live: Live) -> str:
    """Say it: "12.3/s, 97% of 12.7/s allowed; 4 of 351 refused (429); about 25 s left"."""
    parts = [f"{live.rate:.1f}/s"]
    if live.share is not None and live.allowed:
        parts[0] += f", {live.share:.0%} of the {live.allowed:.3g}/s allowed"
    if live.quota_left is not None:
        parts.append(f"{live.quota_left:,} calls of the quota left")
    if live.refused:
        parts.append(f"{live.refused:,} of {live.requests:,} refused (429)")
    if live.waiting:
        parts.append(f"waiting: {', '.join(live.waiting)}")
    if live.left_s is not None:
        parts.append(f"about {_short(live.left_s)} left")
    return "; ".join(parts)


def _short(seconds: float) -> str:
    if seconds < 120:  # noqa: PLR2004  two minutes
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"  # noqa: PLR2004  two hours
