"""Draws servers from a seed: one family for tuning and, by other seeds, another for reporting."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial

from tunelake.collect.budget.sim.limits import FixedWindow, RollingWindow, TokenBucket, WeightedCounter
from tunelake.collect.budget.sim.server import Makers, Regime, Rules, Telling

KINDS = ("rolling", "fixed", "weighted")
LENGTHS = (10.0, 15.0, 20.0, 30.0, 60.0)


def _rate(dice: random.Random, low: float, high: float) -> float:
    return float(low * (high / low) ** dice.random())


def window(dice: random.Random, low: float, high: float, kinds: tuple[str, ...]) -> tuple[str, Makers]:
    """A window of one of the kinds, letting through from low to high requests a second."""
    kind = dice.choice(kinds)
    seconds = dice.choice(LENGTHS) if dice.random() < 0.7 else round(dice.uniform(8, 60), 1)  # noqa: PLR2004
    calls = max(4, round(_rate(dice, low, high) * seconds))
    phase = dice.uniform(0, seconds)
    made: Callable[[], RollingWindow | FixedWindow | WeightedCounter]
    if kind == "rolling":
        made = partial(RollingWindow, calls, seconds)
    elif kind == "fixed":
        made = partial(FixedWindow, calls, seconds, phase)
    else:
        made = partial(WeightedCounter, calls, seconds, phase)
    return f"{kind} {calls}/{seconds:g}", (made,)


def bucket(dice: random.Random, low: float, high: float, least: int = 10) -> tuple[str, Makers]:
    """A bucket that holds at least so many tokens."""
    rate, burst = _rate(dice, low, high), round(_rate(dice, least, 100))
    return f"bucket {rate:.2f}/{burst}", (partial(TokenBucket, rate, burst),)


def pair(dice: random.Random, low: float, high: float) -> tuple[str, Makers]:
    """Two windows at once: a short one that is wider, a long one that is narrower."""
    rate = _rate(dice, low, high)
    short, long = dice.choice([5.0, 10.0]), dice.choice([30.0, 60.0])
    wide, narrow = round(rate * short * dice.uniform(1.2, 2.5)), round(rate * long)
    return f"pair {wide}/{short:g}+{narrow}/{long:g}", (
        partial(RollingWindow, wide, short),
        partial(RollingWindow, narrow, long),
    )


def _rules(dice: random.Random, name: str, regimes: tuple[Regime, ...], telling: Telling) -> Rules:
    counts = dice.random() < 0.3  # noqa: PLR2004
    return Rules(
        name=f"{name} {telling}{' counting' if counts else ''}",
        regimes=regimes,
        telling=telling,
        counts_refused=counts,
        way_there=dice.uniform(0.2, 0.8),
    )


def _told(dice: random.Random) -> Telling:
    return dice.choice(("exact", "whole"))


def cold_window(seed: int) -> Rules:
    """A window whose refusals tell the wait, and that allows 1,000 requests in five minutes."""
    dice = random.Random(f"cold window {seed}")  # noqa: S311
    name, made = window(dice, 3.6, 20, KINDS)
    return _rules(dice, name, (Regime(since=0, limits=made),), _told(dice))


def cold_bucket(seed: int) -> Rules:
    """A bucket with a burst of 10 or more."""
    dice = random.Random(f"cold bucket {seed}")  # noqa: S311
    name, made = bucket(dice, 1, 20)
    return _rules(dice, name, (Regime(since=0, limits=made),), dice.choice(("exact", "whole", "absent")))


def static(seed: int) -> Rules:
    """Any kind of limit that allows 3,600 requests an hour; the wait may not be told."""
    dice = random.Random(f"static {seed}")  # noqa: S311
    name, made = _any(dice)
    return _rules(dice, name, (Regime(since=0, limits=made),), dice.choice(("exact", "whole", "absent")))


def changing(seed: int) -> Rules:
    """A limit that changes once to three times in an hour."""
    dice = random.Random(f"changing {seed}")  # noqa: S311
    times = sorted(dice.uniform(300, 3300) for _ in range(dice.randint(1, 3)))
    drawn = [(time, *_any(dice)) for time in (0.0, *times)]
    name = " > ".join(name for _, name, _ in drawn)
    regimes = tuple(Regime(since=time, limits=made) for time, _, made in drawn)
    return _rules(dice, name, regimes, _told(dice))


def warm_window(seed: int) -> Rules:
    """A window for a client that met it before."""
    dice = random.Random(f"warm window {seed}")  # noqa: S311
    name, made = window(dice, 1.2, 20, KINDS)
    return _rules(dice, name, (Regime(since=0, limits=made),), _told(dice))


def warm_bucket(seed: int) -> Rules:
    """A bucket for a client that met it before."""
    dice = random.Random(f"warm bucket {seed}")  # noqa: S311
    name, made = bucket(dice, 1.2, 20)
    return _rules(dice, name, (Regime(since=0, limits=made),), _told(dice))


def _any(dice: random.Random) -> tuple[str, Makers]:
    draw = dice.random()
    if draw < 0.55:  # noqa: PLR2004
        return window(dice, 1.2, 20, KINDS)
    if draw < 0.85:  # noqa: PLR2004
        return bucket(dice, 1.2, 20)
    return pair(dice, 1.2, 20)
