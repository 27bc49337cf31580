"""The rules that import-linter cannot say: what a file's name promises, and where async may stand."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src" / "tunelake"
FILES = sorted(SOURCE.rglob("*.py"))

# Rule B. What touches the world -> the words of which the file's name must hold one.
TECHNOLOGIES = {
    "aiohttp": {"aiohttp"},
    "boto3": {"aws", "dynamodb", "s3"},
    "deltalake": {"delta"},
    "duckdb": {"duckdb"},
    "granian": {"granian"},
    "http.client": {"http"},
    "http.server": {"http"},
    "jinja2": {"jinja"},
    "litestar": {"litestar", "api"},
    "lmdb": {"lmdb"},
    "pyarrow.csv": {"csv", "arrow", "files"},
    "pyarrow.dataset": {"arrow", "parquet", "spark"},
    "pyarrow.fs": {"arrow", "delta"},
    "pyarrow.parquet": {"parquet", "arrow", "delta", "duckdb", "files"},
    "socket": {"socket", "port", "aiohttp", "granian", "spark"},
    "sqlalchemy": {"sqlalchemy", "sqlite", "postgres", "mysql", "sql"},
    "sqlite3": {"sqlite", "sqlalchemy"},
    "subprocess": {"process"},
    "urllib.request": {"http"},
    "uvloop": {"uvloop", "aiohttp", "granian"},
}
# Folders and files that are shells whatever they are called.
SHELLS = {"cli", "bootstrap", "settings.py"}

# Rule C. Where a coroutine may be written; elsewhere in `service` only shells named after their server.
ASYNC_FOLDERS = ("collect", "sandbox", "service/api", "service/chat")
ASYNC_SHELLS = ("litestar", "granian")

PURE_FOLDERS = ("domain", "sources", "similar", "mart/model.py", "service/question.py")
IMPURE_CALLS = {
    ("time", "time"),
    ("time", "sleep"),
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("date", "today"),
    ("os", "getenv"),
    ("os", "environ"),
    ("uuid", "uuid4"),
}


def short(path: Path) -> str:
    return path.relative_to(SOURCE).as_posix()


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def running(module: ast.Module) -> Iterator[ast.AST]:
    """Walk what runs: imports for type checkers alone touch nothing."""
    waiting: list[ast.AST] = [module]
    while waiting:
        node = waiting.pop()
        yield node
        for_types = (
            isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        )
        waiting.extend(() if for_types else ast.iter_child_nodes(node))


def imports(module: ast.Module) -> Iterator[str]:
    for node in running(module):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def promised(name: str, module: ast.Module) -> set[str]:
    """Name the technologies that a file uses and its name does not tell."""
    if name.split("/", maxsplit=1)[0] in SHELLS:
        return set()
    words = set(Path(name).stem.split("_")) | set(Path(name).parent.parts)
    return {
        technology
        for technology, names in TECHNOLOGIES.items()
        for imported in imports(module)
        if (imported == technology or imported.startswith(f"{technology}.")) and not words & names
    }


def coroutines(name: str, module: ast.Module) -> list[str]:
    """Name the coroutines of a file that may hold none."""
    folder, stem = Path(name).parent.as_posix(), Path(name).stem
    if any(folder == allowed or folder.startswith(f"{allowed}/") for allowed in ASYNC_FOLDERS):
        return []
    if folder.split("/")[0] == "service" and stem.startswith(ASYNC_SHELLS):
        return []
    return [node.name for node in ast.walk(module) if isinstance(node, ast.AsyncFunctionDef)]


def impure(module: ast.Module) -> set[str]:
    """Name the calls by which a file would read the clock, the environment or the dice."""
    return {
        f"{node.value.id}.{node.attr}"
        for node in ast.walk(module)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and (node.value.id, node.attr) in IMPURE_CALLS
    } | {"open" for node in ast.walk(module) if isinstance(node, ast.Name) and node.id == "open"}


@pytest.mark.parametrize("path", FILES, ids=short)
def test_a_file_that_touches_the_world_is_named_after_the_technology(path: Path) -> None:
    assert not promised(short(path), tree(path)), "rule B: move it to a file named after the technology"


@pytest.mark.parametrize("path", FILES, ids=short)
def test_coroutines_stand_only_in_shells(path: Path) -> None:
    assert not coroutines(short(path), tree(path)), "rule C: synchronous here, called through a thread pool"


@pytest.mark.parametrize("path", [path for path in FILES if short(path).startswith(PURE_FOLDERS)], ids=short)
def test_time_and_chance_are_arguments_of_what_is_pure(path: Path) -> None:
    assert not impure(tree(path))


def test_only_the_settings_read_the_environment() -> None:
    environment = {"os.environ", "os.getenv"}
    readers = [
        short(path) for path in FILES if impure(tree(path)) & environment and path.name != "settings.py"
    ]
    assert readers == []


@pytest.mark.parametrize("path", [path for path in FILES if path.name == "__init__.py"], ids=short)
def test_a_package_says_what_it_is_and_nothing_else(path: Path) -> None:
    module = tree(path)
    assert ast.get_docstring(module)
    if path.parent != SOURCE:
        assert len(module.body) == 1


def from_the_root(module: ast.Module) -> set[str]:
    """Name what a file takes from the package's root."""
    return {
        alias.name
        for node in ast.walk(module)
        if isinstance(node, ast.ImportFrom) and node.module == "tunelake"
        for alias in node.names
        if not (SOURCE / alias.name).is_dir() and not (SOURCE / f"{alias.name}.py").is_file()
    } | {
        "the root itself"
        for node in ast.walk(module)
        if isinstance(node, ast.Import) and any(alias.name == "tunelake" for alias in node.names)
    }


@pytest.mark.parametrize(
    "path", [path for path in FILES if short(path).split("/")[0] not in SHELLS], ids=short
)
def test_stages_take_the_version_and_no_more_from_the_root(path: Path) -> None:
    assert from_the_root(tree(path)) <= {"__version__"}


def test_what_comes_from_the_root_is_found() -> None:
    assert from_the_root(ast.parse("from tunelake import open")) == {"open"}
    assert from_the_root(ast.parse("import tunelake")) == {"the root itself"}
    assert from_the_root(ast.parse("from tunelake import lake, errors")) == set()


def test_no_module_is_a_drawer_for_odds_and_ends() -> None:
    drawers = {"utils", "util", "common", "helpers", "misc"}
    assert [
        short(path) for path in FILES if drawers & set(path.relative_to(SOURCE).with_suffix("").parts)
    ] == []


@pytest.mark.parametrize(
    ("name", "code", "finding"),
    [
        ("lake/lander.py", "import deltalake", {"deltalake"}),
        ("lake/lander.py", "def f():\n    from pyarrow import parquet", {"pyarrow.parquet"}),
        ("lake/delta_tables.py", "import deltalake", set()),
        ("lake/lander.py", "if TYPE_CHECKING:\n    import duckdb", set()),
        ("lake/lander.py", "if really:\n    import duckdb", {"duckdb"}),
        ("cli/sql.py", "import duckdb", set()),
    ],
)
def test_rule_b_finds_what_it_is_for(name: str, code: str, finding: set[str]) -> None:
    assert promised(name, ast.parse(code)) == finding


@pytest.mark.parametrize(
    ("name", "finding"),
    [
        ("lake/lander.py", ["f"]),
        ("service/answer.py", ["f"]),
        ("collecting/run.py", ["f"]),
        ("collect/run.py", []),
        ("service/litestar_app.py", []),
    ],
)
def test_rule_c_finds_what_it_is_for(name: str, finding: list[str]) -> None:
    assert coroutines(name, ast.parse("async def f(): ...")) == finding


def test_purity_finds_what_it_is_for() -> None:
    code = "import time\ntime.time()\nos.environ['A']\nopen('f')\nclock.now()"
    assert impure(ast.parse(code)) == {"time.time", "os.environ", "open"}
