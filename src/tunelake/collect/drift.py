"""What is not as expected about the fields of answers: by what is promised, and by what was seen. Pure.

A field is *added* when nobody knows it; *removed* when it was always there at this place of this endpoint's
answers, or is promised to this kind of application, and is in none now; *retyped* when its value has another
type; *renamed*, likely, when one went and another came in its place that is alike in form. A field that comes
and goes by nature, or that this kind of application is not given, is no drift.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import msgspec
from rapidfuzz import fuzz

from tunelake.domain.fields import Drift, DriftKind, Looks, Observed, type_of
from tunelake.sources.readers import fields_of
from tunelake.sources.spotify.profiles import Profile


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """What is remembered of one field at one place of an endpoint's answers, for one application.

    Attributes:
        form: Of its last value that was not null ("number to 100"); empty while there was none.
        steady: It was in every object that was looked at, until it went.
        first_seen_at: None for one that is expected and was never there.
        absent_since: None while it is there.
    """

    endpoint: str
    place: str
    field: str
    form: str = ""
    steady: bool = False
    first_seen_at: datetime | None = None
    last_seen_at: datetime | None = None
    absent_since: datetime | None = None


ENOUGH = 8
"""Objects in a row that lack what all before had: it went while these were collected."""


class Judged(msgspec.Struct, frozen=True):
    """What follows from answers: what to remember, and what is not as expected."""

    fields: list[Field]
    drift: list[Drift]


def judge(known: Iterable[Field], observed: Observed, profile: Profile | None) -> Judged:
    """Compare what answers had with what is remembered and promised.

    Args:
        known: What is remembered for this application.
        observed: What the new answers had.
        profile: Which kind of application it is; None while that is not known.
    """
    before: dict[tuple[str, str], dict[str, Field]] = {}
    for one in known:
        before.setdefault((one.endpoint, one.place), {})[one.field] = one
    fields: list[Field] = []
    drift: list[Drift] = []
    for (endpoint, place), looks in observed.places.items():
        here = _Place(endpoint, place, looks, before.get((endpoint, place), {}), profile)
        fields += here.fields.values()
        drift += here.drift()
    return Judged(fields, drift)


def with_known(known: Iterable[Field], told: Iterable[Field]) -> list[Field]:
    """Fields that older answers told of, beside what is remembered: of that only the first time changes."""
    before = {(one.endpoint, one.place, one.field): one for one in known}
    return [
        _from_then_on(before.get((one.endpoint, one.place, one.field), one), one.first_seen_at)
        for one in told
    ]


def _from_then_on(field: Field, seen: datetime | None) -> Field:
    first = min((at for at in (field.first_seen_at, seen) if at), default=None)
    return msgspec.structs.replace(field, first_seen_at=first)


class _Place:
    """One place of one endpoint's answers."""

    def __init__(
        self, endpoint: str, place: str, looks: Looks, before: Mapping[str, Field], profile: Profile | None
    ) -> None:
        self.endpoint, self.place, self.looks, self.before = endpoint, place, looks, before
        of_source = fields_of(endpoint)
        kind = of_source.kind_of(place)
        self.known = of_source.known[kind]
        self.expected = of_source.expected(endpoint, place)
        self.promised = of_source.promised(endpoint, place, profile == "extended")
        self.at_times = of_source.at_times.get(kind, frozenset())
        self.either = of_source.either.get(kind, ())
        names = dict.fromkeys((*before, *looks.fields, *sorted(self.expected)))
        self.fields = {name: self._field(name) for name in names}

    def _field(self, name: str) -> Field:
        old = self.before.get(name)
        count, form = self.looks.fields.get(name, (0, "null"))
        first, last = self.looks.first, self.looks.last
        missed, since, had = self.looks.missed.get(name, (0, first, last))
        went = missed >= ENOUGH
        if count:
            always = count + missed * went == self.looks.looked
            return Field(
                endpoint=self.endpoint, place=self.place, field=name,
                form=(old.form if old else "") if form == "null" else form,
                steady=always and (old is None or old.steady or old.first_seen_at is None),
                first_seen_at=(old.first_seen_at if old else None) or self.looks.came.get(name, first),
                last_seen_at=had if missed else last,
                absent_since=since if went and always else None,
            )  # fmt: skip
        if old is None:
            return Field(endpoint=self.endpoint, place=self.place, field=name, absent_since=first)
        return msgspec.structs.replace(old, absent_since=old.absent_since or first)

    def drift(self) -> list[Drift]:
        added = [one for one in self.looks.fields if one not in self.known]
        removed = [one for one, field in self.fields.items() if self._is_gone(field)]
        found: list[Drift] = []
        for old, new in self._pairs(removed, added):
            removed.remove(old)
            added.remove(new)
            found.append(self._told("renamed", old, f"now likely {new!r}, {self._form(new)} as well"))
        found += [self._told("removed", name, self._why_missed(name)) for name in removed]
        found += [self._told("added", name, self._form(name)) for name in added]
        for name, (_, form) in self.looks.fields.items():
            was = self._type_before(name)
            if was and form != "null" and type_of(form) != was:
                found.append(self._told("retyped", name, f"was {was}, is {form}"))
        return found

    def _is_gone(self, field: Field) -> bool:
        if field.absent_since is None or field.field in self.at_times or self._has_other_name(field.field):
            return False
        return field.steady or field.field in self.promised

    def _has_other_name(self, name: str) -> bool:
        return name in self.either and any(other in self.looks.fields for other in self.either)

    def _pairs(self, removed: Sequence[str], added: Sequence[str]) -> list[tuple[str, str]]:
        """Of each field that went, the one that came instead: alike in form, best in name too, or alone."""
        pairs = []
        free = list(added)
        for old in removed:
            last = self.fields[old].last_seen_at
            alike = [new for new in free if last and self._came_after(new, last) and self._is_like(old, new)]
            if alike:
                best = max(alike, key=lambda new: fuzz.ratio(old, new))
                free.remove(best)
                pairs.append((old, best))
        return pairs

    def _came_after(self, name: str, moment: datetime) -> bool:
        first = self.fields[name].first_seen_at
        return first is not None and first > moment

    def _is_like(self, old: str, new: str) -> bool:
        form, was = self._form(new), self.fields[old].form
        return form == was or (
            type_of(form) == type_of(was) and type_of(was) not in {"text", "number", "object"}
        )

    def _form(self, name: str) -> str:
        return self.looks.fields[name][1]

    def _type_before(self, name: str) -> str:
        old = self.before.get(name)
        return self.known.get(name) or (type_of(old.form) if old else "")

    def _why_missed(self, name: str) -> str:
        last = self.fields[name].last_seen_at
        if last:
            return f"{self.fields[name].form or 'null'}, last seen {last:%Y-%m-%d %H:%M} UTC"
        return "promised to this kind of application and never seen"

    def _told(self, kind: DriftKind, name: str, detail: str) -> Drift:
        began = {"added": self.looks.came, "retyped": self.looks.turned}.get(kind, {})
        missed = self.looks.missed.get(name)
        return Drift(
            kind=kind, endpoint=self.endpoint, object=self.place, field=name, detail=detail,
            first_seen_at=missed[1] if missed else began.get(name, self.looks.first),
            last_seen_at=self.looks.last,
        )  # fmt: skip
