"""Errors to messages and exit codes."""

from __future__ import annotations

import errno
import re
import traceback

import click
import msgspec

from tunelake.errors import ConfigError, Retryable, TunelakeError, was_interrupted

INTERRUPTED = 130
PARKED = 3
FAILED = 4
USER = 2
_DAMAGE = re.compile(r"(?i)No files found|No magic bytes|Cannot open file|\bparquet file\b|too small")
NO_SPACE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def report(error: BaseException, *, as_json: bool) -> int:
    """Tell a person (stderr) and a program (stdout, with --json) what went wrong; return the exit code."""
    if isinstance(error, click.exceptions.Exit):
        return error.exit_code
    code, message = _read(error)
    if code == FAILED and not _foreseen(error):
        _say_unexpected(error)
    click.echo(f"tunelake: {message}", err=True)
    if as_json:
        document: dict[str, object] = {"error": {"message": message, "exit_code": code}}
        if isinstance(error, Retryable) and error.until:
            document["until"] = error.until
        click.echo(msgspec.json.encode(document).decode())
    return code


def _read(error: BaseException) -> tuple[int, str]:
    match error:
        case _ if was_interrupted(error) or isinstance(error, click.exceptions.Abort):
            return INTERRUPTED, "interrupted; what was landed is kept: run the same command to go on"
        case click.ClickException():
            return USER, _usage(error)
        case ConfigError():
            return USER, str(error)
        case Retryable():
            until = f" (not before {error.until:%Y-%m-%d %H:%M:%S} UTC)" if error.until else ""
            return PARKED, f"{error}{until}"
        case OSError() if error.errno in NO_SPACE:
            where = f" for {error.filename}" if error.filename else ""
            return FAILED, f"no space left{where}: free some, then run the same command again"
        case _:
            return FAILED, _unforeseen(error)


def _unforeseen(error: BaseException) -> str:
    if _tells_of_damage(error):
        return (
            f"a table cannot be read: {str(error).splitlines()[0]}; `tunelake replay --repair` makes it anew"
        )
    return str(error) or type(error).__name__


def _foreseen(error: BaseException) -> bool:
    is_full = isinstance(error, OSError) and error.errno in NO_SPACE
    return isinstance(error, TunelakeError) or is_full or _tells_of_damage(error)


def _tells_of_damage(error: BaseException) -> bool:
    """Whether DuckDB says that a file of a table is gone or broken; any query may meet one."""
    return _of_duckdb(error) and bool(_DAMAGE.search(str(error)))


def _of_duckdb(error: BaseException) -> bool:
    return type(error).__module__.partition(".")[0] in {"duckdb", "_duckdb"}


def _usage(error: click.ClickException) -> str:
    hint = ""
    if isinstance(error, click.UsageError) and error.ctx is not None:
        hint = f"\nTry '{error.ctx.command_path} --help'."
    return error.format_message() + hint


def _say_unexpected(error: BaseException) -> None:
    """Show where an error that nobody foresaw came from; frames hold code lines, never values."""
    lines = traceback.format_list(traceback.extract_tb(error.__traceback__)[-4:])
    click.echo("".join(lines), err=True, nl=False)
    click.echo("This is a bug in Tunelake: please report the lines above.", err=True)
