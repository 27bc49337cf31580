"""The dashboard as a bundle that Superset imports. Pure; the same bundle each time.

A bundle is a zip of YAML files; ours are JSON, which is YAML too. Superset knows what it has by UUIDs, so
they are made from names and never change.
"""

from __future__ import annotations

import io
import uuid
import zipfile
from collections.abc import Iterator
from typing import Any

import msgspec

from tunelake.errors import ConfigError
from tunelake.publish.bi.board import CHOOSERS, ROWS, SLUG, TITLE, VIEWS, WIDTH, Chart
from tunelake.publish.schema import TABLES, Kind

DATABASE = "Tunelake"
_HIDDEN = "XXXXXXXXXX"  # Superset asks whoever imports for a password that stands so
_VERSION = "1.0.0"
_OURS = uuid.UUID("6f1c3b52-8d0e-4f43-9a1b-7c5e2d9f4a60")
_TYPES: dict[Kind, str] = {
    "text": "TEXT",
    "integer": "INTEGER",
    "real": "DOUBLE PRECISION",
    "boolean": "BOOLEAN",
}
_KINDS = {"postgresql": "postgresql", "postgres": "postgresql", "mysql": "mysql", "mariadb": "mysql"}
_FORMS = {
    "number": "big_number_total",
    "bars": "echarts_timeseries_bar",
    "histogram": "histogram_v2",
    "list": "table",
    "graph": "graph_chart",
}


def bundle(address: str) -> bytes:
    """Write the bundle.

    Args:
        address: Of the database, as Superset (SQLAlchemy) writes it, see `address`.
    """
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as file:
        for path, document in _files(address):
            text = msgspec.json.format(msgspec.json.encode(document), indent=1)
            file.writestr(zipfile.ZipInfo(f"{SLUG}/{path}"), text, zipfile.ZIP_DEFLATED)
    return written.getvalue()


def address(url: str, login: str, place: str = "") -> str:
    """Write the address of the catalogue as Superset is to reach it; who imports is asked for the password.

    Args:
        url: The catalogue, as Tunelake reaches it.
        login: Who reads there.
        place: HOST:PORT/DATABASE as Superset sees it; "" as Tunelake does.

    Raises:
        ConfigError: It is a catalogue that other machines cannot read, or a place without a database.
    """
    kind, _, rest = url.partition("://")
    if kind not in _KINDS:
        raise ConfigError(
            "a dashboard needs the catalogue in a database with logins: set TUNELAKE_CATALOGUE_URL to "
            "PostgreSQL or MySQL and run `tunelake publish`"
        )
    told = place or rest.rpartition("@")[2].partition("?")[0]
    if not told.partition("/")[2]:
        raise ConfigError(f"{told!r} names no database: say HOST:PORT/DATABASE")
    return f"{_KINDS[kind]}://{login}:{_HIDDEN}@{told}"


def database_file() -> str:
    """Name the database in the bundle, as whoever imports by the API names its password."""
    return f"databases/{DATABASE}.yaml"


def _files(address: str) -> Iterator[tuple[str, dict[str, Any]]]:
    yield (
        "metadata.yaml",
        {"version": _VERSION, "type": "Dashboard", "timestamp": "2026-01-01T00:00:00+00:00"},
    )
    yield (
        database_file(),
        {
            "database_name": DATABASE,
            "sqlalchemy_uri": address,
            "expose_in_sqllab": True,
            "allow_run_async": False,
            "allow_ctas": False,
            "allow_cvas": False,
            "allow_dml": False,
            "allow_file_upload": False,
            "extra": {"allows_virtual_table_explore": True},
            "uuid": _id("database", DATABASE),
            "version": _VERSION,
        },
    )
    for table in TABLES:
        columns = [(column.name, column.kind) for column in table.columns]
        yield _dataset(table.name, table.meaning, columns, None)
    for view in VIEWS:
        yield _dataset(view.name, view.meaning, list(view.columns), view.sql)
    for chart in _charts():
        yield f"charts/{_file(chart)}.yaml", _chart(chart)
    yield f"dashboards/{SLUG}.yaml", _dashboard()


def _charts() -> list[Chart]:
    return [chart for row in ROWS for chart in row]


def _id(kind: str, name: str) -> str:
    return str(uuid.uuid5(_OURS, f"{kind} {name}"))


def _file(chart: Chart) -> str:
    return chart.title.replace(" ", "_")


def _dataset(
    name: str, meaning: str, columns: list[tuple[str, Kind]], sql: str | None
) -> tuple[str, dict[str, Any]]:
    return f"datasets/{DATABASE}/{name}.yaml", {
        "table_name": name,
        "description": meaning,
        "sql": sql,
        "columns": [
            {"column_name": column, "type": _TYPES[kind], "groupby": True, "filterable": True}
            for column, kind in columns
        ],
        "metrics": [{"metric_name": "count", "expression": "count(*)", "verbose_name": "rows"}],
        "uuid": _id("dataset", name),
        "database_uuid": _id("database", DATABASE),
        "version": _VERSION,
    }


def _chart(chart: Chart) -> dict[str, Any]:
    return {
        "slice_name": chart.title,
        "description": chart.meaning,
        "viz_type": _FORMS[chart.form],
        "params": _params(chart),
        "query_context": None,
        "cache_timeout": None,
        "uuid": _id("chart", chart.title),
        "dataset_uuid": _id("dataset", chart.of),
        "version": _VERSION,
    }


def _params(chart: Chart) -> dict[str, Any]:
    """Write what Superset knows of a chart beside its form."""
    common = {
        "viz_type": _FORMS[chart.form],
        "adhoc_filters": [_where(chart.where)] if chart.where else [],
        "row_limit": chart.most,
        "time_range": "No filter",
        "color_scheme": "supersetColors",
    }
    metric = _metric(chart.measure)
    match chart.form:
        case "number":
            return common | {"metric": metric, "y_axis_format": "SMART_NUMBER", "header_font_size": 0.4}
        case "bars":
            return common | {
                "x_axis": chart.across,
                "metrics": [metric],
                "groupby": [chart.split] if chart.split else [],
                "orientation": "vertical" if chart.across_sorted else "horizontal",
                "stack": "Stack" if chart.split else None,
                "show_legend": bool(chart.split),
                "order_desc": True,
                "timeseries_limit_metric": metric,
                "x_axis_sort": chart.across if chart.across_sorted else metric["label"],
                "x_axis_sort_asc": True,
                "xAxisForceCategorical": True,
                "y_axis_format": "SMART_NUMBER",
                "rich_tooltip": True,
                "truncateYAxis": False,
            }
        case "histogram":
            return common | {
                "column": chart.across,
                "groupby": [],
                "bins": 20,
                "row_limit": None,
                "x_axis_title": chart.across,
                "show_legend": False,
            }
        case "graph":
            return common | {
                "source": chart.across,
                "target": chart.split,
                "metric": metric,
                "layout": "force",
                "edgeSymbol": "none,none",
                "roam": True,
                "draggable": True,
                "show_legend": False,
                "selectedMode": "single",
                "repulsion": 200,
                "edgeLength": 80,
            }
        case "list":
            order = [f'["{column}", {"false" if falls else "true"}]' for column, falls in chart.order]
            return common | {
                "query_mode": "raw",
                "all_columns": list(chart.columns),
                "order_by_cols": order,
                "server_page_length": 10,
                "page_length": 10,
                "include_search": False,
                "show_cell_bars": False,
                "color_pn": False,
                "table_timestamp_format": "smart_date",
            }


def _metric(measure: str) -> dict[str, Any]:
    return {"expressionType": "SQL", "sqlExpression": measure, "label": measure, "hasCustomLabel": False}


def _where(sql: str) -> dict[str, Any]:
    return {"expressionType": "SQL", "clause": "WHERE", "sqlExpression": sql}


def _dashboard() -> dict[str, Any]:
    return {
        "dashboard_title": TITLE,
        "description": "Published by Tunelake.",
        "slug": SLUG,
        "css": "",
        "published": True,
        "position": _position(),
        "metadata": {
            "color_scheme": "supersetColors",
            "cross_filters_enabled": True,
            "native_filter_configuration": [_chooser(*chooser) for chooser in CHOOSERS],
            "refresh_frequency": 0,
            "timed_refresh_immune_slices": [],
            "expanded_slices": {},
            "default_filters": "{}",
        },
        "uuid": _id("dashboard", SLUG),
        "version": _VERSION,
    }


def _position() -> dict[str, Any]:
    """Place the charts: a tree of components, each with those above it."""
    above = ["ROOT_ID", "GRID_ID"]
    rows = {f"ROW-{number}": row for number, row in enumerate(ROWS)}
    places: dict[str, Any] = {
        "DASHBOARD_VERSION_KEY": "v2",
        "ROOT_ID": {"type": "ROOT", "id": "ROOT_ID", "children": ["GRID_ID"]},
        "GRID_ID": {"type": "GRID", "id": "GRID_ID", "children": list(rows), "parents": ["ROOT_ID"]},
        "HEADER_ID": {"type": "HEADER", "id": "HEADER_ID", "meta": {"text": TITLE}},
    }
    for row_id, row in rows.items():
        parts = [f"CHART-{_file(chart)}" for chart in row]
        places[row_id] = {
            "type": "ROW",
            "id": row_id,
            "children": parts,
            "parents": above,
            "meta": {"background": "BACKGROUND_TRANSPARENT"},
        }
        for part, chart in zip(parts, row, strict=True):
            places[part] = {
                "type": "CHART",
                "id": part,
                "children": [],
                "parents": [*above, row_id],
                "meta": {
                    "uuid": _id("chart", chart.title),
                    "sliceName": chart.title,
                    "width": min(chart.width, WIDTH),
                    "height": chart.height,
                    "chartId": _charts().index(chart) + 1,
                },
            }
    return places


def _chooser(words: str, of: str, column: str) -> dict[str, Any]:
    return {
        "id": f"NATIVE_FILTER-{words.lower()}",
        "name": words,
        "type": "NATIVE_FILTER",
        "filterType": "filter_select",
        "targets": [{"datasetUuid": _id("dataset", of), "column": {"name": column}}],
        "scope": {"rootPath": ["ROOT_ID"], "excluded": []},
        "controlValues": {"multiSelect": True, "searchAllOptions": True, "enableEmptyFilter": False},
        "defaultDataMask": {"filterState": {}, "extraFormData": {}},
        "cascadeParentIds": [],
    }
