from __future__ import annotations

import errno
import os
from datetime import UTC, datetime
from threading import Timer
from typing import Any

import click
import duckdb
import msgspec
import pytest

from tunelake.cli.failures import report
from tunelake.errors import ConfigError, Fatal, Retryable, Skippable

UNTIL = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (ConfigError("set X"), 2, "tunelake: set X"),
        (click.UsageError("no such option"), 2, "tunelake: no such option"),
        (click.FileError("f", "gone"), 2, "tunelake: Could not open file 'f': gone"),
        (Retryable("come back"), 3, "tunelake: come back"),
        (Retryable("come back", UNTIL), 3, "come back (not before 2026-01-02 03:04:05 UTC)"),
        (Fatal("the log is broken"), 4, "tunelake: the log is broken"),
        (Skippable("one of them"), 4, "tunelake: one of them"),
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), 4, "no space left: free some"),
        (OSError(errno.EDQUOT, "quota", "/h/f"), 4, "no space left for /h/f: free some"),
        (KeyboardInterrupt(), 130, "interrupted; what was landed is kept"),
        (click.Abort(), 130, "interrupted"),
    ],
)
def test_each_kind_has_its_code_and_one_message(
    capsys: pytest.CaptureFixture[str], error: BaseException, code: int, told: str
) -> None:
    assert report(error, as_json=False) == code
    out, err = capsys.readouterr()
    assert told in err
    assert err.count("\n") == 1, "one line, and no word of Python"
    assert out == ""


@pytest.mark.parametrize("error", [ConfigError("a"), Fatal("a"), KeyError("a"), KeyboardInterrupt()])
def test_with_json_the_error_is_one_document(
    capsys: pytest.CaptureFixture[str], error: BaseException
) -> None:
    code = report(error, as_json=True)
    document: Any = msgspec.json.decode(capsys.readouterr().out)
    assert document["error"]["exit_code"] == code
    assert document["error"]["message"]


@pytest.mark.parametrize("translated", [False, True])
def test_ctrl_c_in_the_middle_of_a_query_is_an_interruption(
    capsys: pytest.CaptureFixture[str], translated: bool
) -> None:
    database = duckdb.connect()
    timer = Timer(0.2, database.interrupt)
    timer.start()
    try:
        database.execute("select sum(a.range * b.range) from range(10_000_000) a, range(10_000) b").fetchall()
    except duckdb.Error as error:
        wrong: Exception = error
        if translated:
            wrong = Fatal("the model failed")
            wrong.__cause__ = error
        assert report(wrong, as_json=False) == 130
    else:
        pytest.fail("the query ended before it was interrupted")
    assert "interrupted; what was landed is kept" in capsys.readouterr().err


def test_a_time_to_come_back_is_told_to_programs(capsys: pytest.CaptureFixture[str]) -> None:
    report(Retryable("later", UNTIL), as_json=True)
    assert msgspec.json.decode(capsys.readouterr().out)["until"] == "2026-01-02T03:04:05Z"


def test_an_exit_asked_for_is_no_failure(capsys: pytest.CaptureFixture[str]) -> None:
    assert report(click.exceptions.Exit(0), as_json=True) == 0
    assert capsys.readouterr() == ("", "")


def test_the_unforeseen_shows_where_but_never_values(capsys: pytest.CaptureFixture[str]) -> None:
    def inner(secret: str) -> None:
        raise ValueError(f"bad length {len(secret)}")

    with pytest.raises(ValueError, match="bad length") as raised:
        inner("hunter2")
    assert report(raised.value, as_json=False) == 4
    err = capsys.readouterr().err
    assert "test_cli_failures.py" in err
    assert "please report the lines above" in err
    assert "tunelake: bad length 7" in err


def test_a_usage_error_names_the_help_of_its_command(capsys: pytest.CaptureFixture[str]) -> None:
    error = click.UsageError("no", click.Context(click.Command("upload"), info_name="tunelake upload"))
    assert report(error, as_json=False) == 2
    assert capsys.readouterr().err == "tunelake: no\nTry 'tunelake upload --help'.\n"
