"""The JSON objects of MusicBrainz as its XML (the schema mmd-2.0): the same facts, another shape."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

NAMESPACE = "http://musicbrainz.org/ns/mmd-2.0#"
SCORE = "http://musicbrainz.org/ns/ext#-2.0"
_HEAD = b'<?xml version="1.0" encoding="UTF-8"?>\n'

# Lists of entities: the key in JSON -> the element of one.
_LISTS = {
    "artists": "artist", "recordings": "recording", "release-groups": "release-group",
    "releases": "release", "urls": "url", "media": "medium",
}  # fmt: skip
_ATTRIBUTES = frozenset({"id", "type"})
_LEFT_OUT = frozenset({"primary", "target-type", "count", "offset", "created"})


def document(name: str, entry: dict[str, Any]) -> bytes:
    """One entity, as a whole answer."""
    root = Element("metadata", xmlns=NAMESPACE)
    _entity(root, name, entry)
    return _whole(root)


def listing(name: str, entries: list[dict[str, Any]], count: int, offset: int) -> bytes:
    """A page of a list of entities, as a whole answer."""
    root = Element("metadata", {"xmlns": NAMESPACE, "xmlns:ns2": SCORE})
    holder = SubElement(root, f"{name}-list", count=str(count), offset=str(offset))
    for entry in entries:
        _entity(holder, name, entry)
    return _whole(root)


def error(*texts: str) -> bytes:
    """A refusal."""
    root = Element("error")
    for text in texts:
        SubElement(root, "text").text = text
    return _whole(root)


def _whole(root: Element) -> bytes:
    body: bytes = tostring(root, encoding="utf-8")
    return _HEAD + body


def _entity(parent: Element, name: str, entry: dict[str, Any]) -> None:
    element = SubElement(parent, name)
    for key, value in entry.items():
        if value is None or value == "" or key in _LEFT_OUT:
            continue
        if key in _ATTRIBUTES:
            element.set(key, str(value))
        elif key == "score":
            element.set("ns2:score", str(value))
        elif key in _SPECIAL:
            _SPECIAL[key](element, value)
        elif key in _LISTS:
            _listed(element, _LISTS[key], value)
        elif isinstance(value, dict):
            _entity(element, key, value)
        else:
            SubElement(element, key).text = _text(value)


def _listed(parent: Element, name: str, entries: list[dict[str, Any]]) -> None:
    holder = SubElement(parent, f"{name}-list", count=str(len(entries)))
    for entry in entries:
        _entity(holder, name, entry)


def _aliases(parent: Element, aliases: list[dict[str, Any]]) -> None:
    holder = SubElement(parent, "alias-list", count=str(len(aliases)))
    for alias in aliases:
        given = {key: str(alias[key]) for key in ("locale", "sort-name", "type") if alias.get(key)}
        SubElement(holder, "alias", given).text = alias["name"]


def _tags(name: str, parent: Element, tags: list[dict[str, Any]]) -> None:
    holder = SubElement(parent, f"{name}-list")
    for tag in tags:
        SubElement(SubElement(holder, name, count=str(tag["count"])), "name").text = tag["name"]


def _rating(parent: Element, rating: dict[str, Any]) -> None:
    SubElement(parent, "rating", {"votes-count": str(rating["votes-count"])}).text = str(rating["value"])


def _relations(parent: Element, relations: list[dict[str, Any]]) -> None:
    by_target: dict[str, list[dict[str, Any]]] = {}
    for one in relations:
        by_target.setdefault(one["target-type"], []).append(one)
    for target, ones in by_target.items():
        holder = SubElement(parent, "relation-list", {"target-type": target})
        for one in ones:
            relation = SubElement(holder, "relation", type=one["type"])
            thing = one[target]
            SubElement(relation, "target", id=thing["id"]).text = thing.get("resource", thing["id"])
            if target != "url":
                _told(relation, one)
                _entity(relation, target, thing)


def _told(relation: Element, told: dict[str, Any]) -> None:
    """What is told of a relation beside what it leads to."""
    SubElement(relation, "direction").text = told["direction"]
    if told.get("attributes"):
        holder = SubElement(relation, "attribute-list")
        for one in told["attributes"]:
            SubElement(holder, "attribute").text = one
    for key in ("begin", "end", "ended"):
        if told.get(key):
            SubElement(relation, key).text = _text(told[key])


def _credit(parent: Element, credit: list[dict[str, Any]]) -> None:
    holder = SubElement(parent, "artist-credit")
    for one in credit:
        given = {"joinphrase": one["joinphrase"]} if one["joinphrase"] else {}
        name = SubElement(holder, "name-credit", given)
        if one["name"] != one["artist"]["name"]:
            SubElement(name, "name").text = one["name"]
        _entity(name, "artist", one["artist"])


def _isrcs(parent: Element, isrcs: list[str]) -> None:
    holder = SubElement(parent, "isrc-list", count=str(len(isrcs)))
    for isrc in isrcs:
        SubElement(holder, "isrc", id=isrc)


def _secondary(parent: Element, types: list[str]) -> None:
    if types:
        holder = SubElement(parent, "secondary-type-list")
        for one in types:
            SubElement(holder, "secondary-type").text = one


def _labels(parent: Element, infos: list[dict[str, Any]]) -> None:
    holder = SubElement(parent, "label-info-list", count=str(len(infos)))
    for info in infos:
        issued = SubElement(holder, "label-info")
        SubElement(issued, "catalog-number").text = info["catalog-number"]
        _entity(issued, "label", info["label"])


def _track_count(parent: Element, count: int) -> None:
    SubElement(parent, "track-list", count=str(count))


def _tracks(parent: Element, tracks: list[dict[str, Any]]) -> None:
    holder = parent.find("track-list")
    assert holder is not None  # noqa: S101  how many there are is told before
    holder.set("offset", "0")
    for track in tracks:
        _entity(holder, "track", track)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


_SPECIAL: dict[str, Callable[[Element, Any], None]] = {
    "aliases": _aliases,
    "tags": lambda parent, tags: _tags("tag", parent, tags),
    "genres": lambda parent, tags: _tags("genre", parent, tags),
    "rating": _rating,
    "relations": _relations,
    "artist-credit": _credit,
    "isrcs": _isrcs,
    "secondary-types": _secondary,
    "label-info": _labels,
    "track-count": _track_count,
    "tracks": _tracks,
}
