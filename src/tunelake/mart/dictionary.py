"""The data dictionary of the marts, with their lineage as text and as a picture. Pure.

Run as a program it writes docs/mart-dictionary.md.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence

from tunelake.mart.checks import checks
from tunelake.mart.lineage import Origin, Traced, trace
from tunelake.mart.model import Follows, Model
from tunelake.mart.run import standard_models

_HEAD = """# Mart dictionary

Written from the model files in `src/tunelake/mart/models` by
`python -m tunelake.mart.dictionary > docs/mart-dictionary.md`: change those. [Marts](marts.md) tells how they
are made, [the data dictionary](data-dictionary.md) what the tables are that they come from.
"""


def dictionary(models: Sequence[Model], types: Mapping[str, Mapping[str, str]] | None = None) -> str:
    """Write the dictionary of models, which come in the order they run.

    Args:
        models: The models.
        types: Types of the columns of marts that are kept, by mart.
    """
    traced = trace(models)
    parts = [_HEAD, _picture(models)]
    parts += [
        "\n".join(_mart(model, traced[model.name], (types or {}).get(model.name, {})))
        for model in sorted(models, key=lambda each: each.name)
    ]
    return "\n".join(parts)


def _picture(models: Sequence[Model]) -> str:
    lines = mermaid((name, model.name) for model in models for name in sorted(model.reads))
    return "```mermaid\n" + lines + "\n```\n"


def mermaid(edges: Iterable[tuple[str, str]]) -> str:
    """Draw what leads to what, left to right, as Mermaid text."""
    return "\n".join(["flowchart LR", *(f"  {one} --> {other}" for one, other in edges)])


_ANEW: dict[Follows, str] = {
    "entity": "the artists near to a change",
    "ties": "the artists tied to a change",
    "columns": "the rows of a key that changed",
    "sums": "what changed is taken off and put on",
    "": "all of it, when something it reads changed",
}


def _mart(model: Model, traced: Traced, types: Mapping[str, str]) -> Iterator[str]:
    yield f"## {model.name}\n"
    yield f"{model.meaning}\n"
    yield (
        f"One row: `{'`, `'.join(model.grain)}`. Made for: {model.use}. Made anew: {_ANEW[model.follows]}. "
        f"Kept by: {model.owner}.\n"
    )
    yield "| column | comes from |" if not types else "| column | type | comes from |"
    yield "|---|---|" if not types else "|---|---|---|"
    for column, origins in traced.direct.items():
        kind = [types.get(column, "")] if types else []
        yield "| " + " | ".join([f"`{column}`", *kind, _from(origins)]) + " |"
    yield ""
    yield "Checks: " + "; ".join(f"no {check.meaning}" for check in checks(model)) + ".\n"


def _from(origins: Sequence[Origin]) -> str:
    return ", ".join(f"`{origin.table}.{origin.column}`" for origin in origins) or "counted or constant"


if __name__ == "__main__":
    sys.stdout.write(dictionary(standard_models()))
