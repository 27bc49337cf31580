"""Nested values as flat columns: `album.name`, and `artists.name` for a list of objects. Pure."""

from __future__ import annotations

from typing import Any


def flatten(row: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Flatten an object; lists of plain values stay lists."""
    flat: dict[str, Any] = {}
    for name, value in row.items():
        if isinstance(value, dict):
            flat.update(flatten(value, f"{prefix}{name}."))
        elif isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
            names = dict.fromkeys(key for item in value for key in item)
            flat.update({f"{prefix}{name}.{key}": [item.get(key) for item in value] for key in names})
        else:
            flat[f"{prefix}{name}"] = value
    return flat
