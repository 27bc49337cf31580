"""What must hold of a mart, as SELECTs of the number of offences. Pure."""

from __future__ import annotations

from string import Template

import msgspec

from tunelake.mart.model import Model

_TWICE = Template(
    "select count(*) from (select 1 as one from $mart group by $grain having count(*) > 1) as t"
)
_NULL = Template("select count(*) from $mart where $nulls")
_ROWS = Template("select abs((select count(*) from $mart) - ($rows))")
_NONE = Template("select count(*) from ($none) as offences")


class Check(msgspec.Struct, frozen=True):
    """A SELECT of one number, 0 when all is well; `meaning` completes "<number> ..."."""

    mart: str
    meaning: str
    sql: str


def checks(model: Model) -> list[Check]:
    """Derive the checks of a model from its header."""
    grain, mart = ", ".join(model.grain), model.name
    solid = (*model.grain, *model.not_null)
    nulls = " or ".join(f"{column} is null" for column in solid)
    found = [
        Check(mart, f"values of ({grain}) in more than one row", _TWICE.substitute(mart=mart, grain=grain)),
        Check(mart, f"rows with a null in ({', '.join(solid)})", _NULL.substitute(mart=mart, nulls=nulls)),
    ]
    if model.rows:
        sql = _ROWS.substitute(mart=mart, rows=model.rows)
        found.append(Check(mart, f"rows more or fewer than `{model.rows}` gives", sql))
    if model.none:
        found.append(Check(mart, f"rows from `{model.none}`", _NONE.substitute(none=model.none)))
    return found
