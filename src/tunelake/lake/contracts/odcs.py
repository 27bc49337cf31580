"""Contracts in the form of the Open Data Contract Standard 3, for tools that read it. Pure.

The document is JSON, which is YAML too.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tunelake.lake.contracts.contract import Column, Contract, Rule, Type, public

API_VERSION = "v3.0.1"
_LOGICAL: dict[Type, str] = {
    "string": "string",
    "int32": "integer",
    "int64": "integer",
    "float64": "number",
    "bool": "boolean",
    "timestamp": "date",
}


def document(contracts: Iterable[Contract]) -> dict[str, Any]:
    """Write contracts as one document of the standard."""
    listed = list(contracts)
    return {
        "apiVersion": API_VERSION,
        "kind": "DataContract",
        "id": "tunelake",
        "name": "Tunelake tables",
        "version": _version(listed),
        "status": "active",
        "description": {
            "purpose": "A music catalogue as its sources tell it, with its history.",
            "limitations": "The rights tag of a row says what may be done with it and until when.",
        },
        "schema": [_table(contract) for contract in listed],
        "slaProperties": [
            {
                "property": "latency",
                "value": each.fresh_days,
                "unit": "d",
                "element": f"{each.table}.observed_at",
            }
            for each in listed
            if each.fresh_days is not None
        ],
    }


def _version(contracts: list[Contract]) -> str:
    """Return the greatest version of the tables."""
    return max((each.version for each in contracts), key=_numbers, default="0.0.0")


def _numbers(version: str) -> list[int]:
    return [int(part) for part in version.split(".")]


def _table(contract: Contract) -> dict[str, Any]:
    unit = "the whole set of an owner" if contract.is_set else "one row a key"
    return {
        "name": contract.table,
        "physicalType": "table",
        "logicalType": "object",
        "description": contract.meaning,
        "dataGranularityDescription": f"{unit}; key: {', '.join(contract.primary_key)}",
        "properties": [_column(contract, column) for column in public(contract)],
        "quality": [_quality(rule) for rule in contract.rules],
        "customProperties": [
            {"property": "steward", "value": contract.steward},
            {"property": "contractVersion", "value": contract.version},
        ],
    }


def _column(contract: Contract, column: Column) -> dict[str, Any]:
    key = contract.primary_key
    found: dict[str, Any] = {
        "name": column.name,
        "logicalType": _LOGICAL[column.type],
        "physicalType": column.sql_type,
        "description": column.meaning,
        "required": not column.nullable,
        "primaryKey": column.name in key,
        "customProperties": [
            {"property": name, "value": value}
            for name, value in (("unit", column.unit), ("field", column.field), ("rights", column.rights))
            if value
        ],
    }
    if column.name in key:
        found["primaryKeyPosition"] = key.index(column.name) + 1
    limits = {"minimum": column.min, "maximum": column.max}
    if any(limit is not None for limit in limits.values()):
        found["logicalTypeOptions"] = {name: limit for name, limit in limits.items() if limit is not None}
    return found


def _quality(rule: Rule) -> dict[str, Any]:
    return {
        "name": rule.name,
        "description": f"No rows {rule.meaning}.",
        "type": "sql",
        "query": f"SELECT count(*) FROM ({rule.none}) AS offences",  # noqa: S608  (from contracts)
        "mustBe": 0,
        "severity": rule.severity,
    }
