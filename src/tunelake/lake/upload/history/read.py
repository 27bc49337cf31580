"""A landed page of a listening history to rows, now and at every replay. Pure."""

from __future__ import annotations

import msgspec

from tunelake.domain.pages import Page, Params
from tunelake.domain.rows import Rejected, Rows
from tunelake.lake.upload.history.play import Play, read_play, shape_named
from tunelake.lake.upload.lines import PREFIX, decode
from tunelake.lake.upload.typed import Problem

ENDPOINT = f"{PREFIX}listens"
USER = "user"
"""The parameter of a page that names whose plays it holds: what finds it again when they are to go."""
COLUMNS = Play.__struct_fields__


def page_params(user: str, file: str, shape: str, part: int) -> Params:
    """Write down in a page's parameters how its rows are read, and whose they are."""
    return (("kind", "listens"), ("shape", shape), (USER, user), ("file", file), ("part", str(part)))


def read_listens(page: Page) -> Rows:
    """Read a page; what cannot be read is in `Rows.rejected`."""
    params = dict(page.params)
    shape, user = shape_named(params.get("shape", "")), params.get(USER, "")
    if shape is None or not user:
        return Rows(rejected=[Rejected(where="$", reason="does not say whose or what history it is")])
    plays: list[Play] = []
    rejected: list[Rejected] = []
    try:
        for line in decode(page.body):
            play = read_play(line.values, shape)
            if isinstance(play, Problem):
                rejected.append(Rejected(where=f"row {line.row}", reason=play.reason))
            else:
                plays.append(play)
    except msgspec.DecodeError as wrong:
        return Rows(rejected=[Rejected(where="$", reason=f"not a page of an upload: {wrong}")])
    tables = {"listens": columns(plays, user)} if plays else {}
    return Rows(tables=tables, rejected=rejected)


def columns(plays: list[Play], user: str) -> dict[str, list[object]]:
    """Turn plays of one person into columns of `listens`."""
    told: dict[str, list[object]] = {name: [getattr(play, name) for play in plays] for name in COLUMNS}
    return told | {"user_id": [user] * len(plays)}
