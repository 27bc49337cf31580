"""Which rows of a table that no contract describes tell of somebody: by the values of all its texts. Pure."""

from __future__ import annotations

import pyarrow as pa

from tunelake.lake.history.latest import literal, name
from tunelake.lake.subjects.subject import Subject, kind_of


def read(files: list[str]) -> str:
    """Write the query of all rows of a table."""
    listed = ", ".join(map(literal, files))
    return f"SELECT * FROM read_parquet([{listed}], union_by_name = true, hive_partitioning = false)"  # noqa: S608  (our own files)


def gone(schema: pa.Schema, subject: Subject) -> str:
    """Write the condition of the rows that tell of somebody; `gone_ids` and `gone_names` are expected."""
    source = f"{name('source')} = {literal(subject.source)}" if "source" in schema.names else "true"
    if subject.kind == "source":
        theirs = [name(one) for one in schema.names if one.endswith("entity_id")]
        found = [f"{one} IN (SELECT id FROM gone_ids)" for one in theirs]  # noqa: S608  (quoted)
        found += [source] if "source" in schema.names else []
        return f"({' OR '.join(found) or 'false'})"
    if subject.kind == "user":
        known = "user_id" in schema.names
        return f"({source} AND {name('user_id')} = {literal(subject.asked)})" if known else "false"
    found = [condition for field in schema for condition in _told(field, schema, subject)]
    return f"({' OR '.join(found)})" if found else "false"


def _told(field: pa.Field, schema: pa.Schema, subject: Subject) -> list[str]:
    column = name(field.name)
    if _is_text(field.type):
        found = [f"regexp_matches({column}, {literal(pattern)})" for pattern in subject.patterns]
        if kind_of(field.name) == "artist" or field.name == "name":
            found.append(f"{column} IN (SELECT name FROM gone_names)")  # noqa: S608  (quoted)
        if "source" in schema.names:
            found += [
                f"(source = {literal(source)} AND {column} = {literal(one)})"
                for kind, source, one in sorted(subject.short)
                if kind_of(field.name) == kind
            ]
        return found
    # A list, a map or a row inside a row is asked as text.
    if pa.types.is_nested(field.type):
        return [f"regexp_matches({column}::VARCHAR, {literal(pattern)})" for pattern in subject.patterns]
    return []


def _is_text(kind: pa.DataType) -> bool:
    return kind in {pa.string(), pa.large_string(), pa.string_view()}
