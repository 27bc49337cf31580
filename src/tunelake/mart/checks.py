"""What must hold of a mart, as SELECTs of the rows that offend. Pure."""

from __future__ import annotations

from collections.abc import Callable
from string import Template

from tunelake.lake.tables.checks import Check
from tunelake.mart.model import Model, Range

_TWICE = Template("select $grain from $mart group by $grain having count(*) > 1")
_WHERE = Template("select $grain from $mart where $offence")
_ROWS = Template(
    "select found.n as rows, wanted.n as expected from (select count(*) as n from $mart) as found "
    "cross join (select ($rows) as n) as wanted where found.n <> wanted.n"
)


def checks(model: Model, mart: str = "", over: Callable[[str], str] = str) -> list[Check]:
    """Derive the checks of a model from its header.

    Args:
        model: The model.
        mart: The table that holds what is to be checked, when it is a part of the mart.
        over: Puts SELECTs of the header over such parts.
    """
    grain, mart = ", ".join(model.grain), mart or model.name
    solid = (*model.grain, *model.not_null)
    nulls = " or ".join(f"{column} is null" for column in solid)

    def where(offence: str) -> str:
        return _WHERE.substitute(mart=mart, grain=grain, offence=offence)

    def check(kind: str, meaning: str, offences: str) -> Check:
        return Check(table=model.name, kind=kind, meaning=meaning, offences=offences)

    found = [
        check(
            "unique",
            f"values of ({grain}) in more than one row",
            _TWICE.substitute(mart=mart, grain=grain),
        ),
        check("not null", f"rows with a null in ({', '.join(solid)})", where(nulls)),
    ]
    found += [
        check("range", f"rows with {each.column} outside {each.text}", where(_outside(each)))
        for each in model.ranges
    ]
    if model.rows:
        offences = _ROWS.substitute(mart=mart, rows=over(model.rows))
        found.append(check("rows", f"other count of rows than `{model.rows}` gives", offences))
    if model.none:
        found.append(check("none", f"rows from `{model.none}`", over(model.none)))
    return found


def _outside(range_: Range) -> str:
    ends = [("<", range_.least), (">", range_.most)]
    return " or ".join(f"{range_.column} {sign} {end:g}" for sign, end in ends if end is not None)
