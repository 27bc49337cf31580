from __future__ import annotations

import io
import subprocess
import sys

import msgspec
import pytest
from rich.console import Console

from tunelake.cli import show
from tunelake.cli.live import live_words
from tunelake.cli.rich_progress import Bars
from tunelake.cli.show import emit, plural, printing, progress, records, say, table
from tunelake.errors import Fatal
from tunelake.observe.live import Live


def test_json_is_one_document_and_people_get_their_words(capsys: pytest.CaptureFixture[str]) -> None:
    emit({"name": "방탄소년단"}, as_json=True, human=lambda: pytest.fail("not asked"))
    out, err = capsys.readouterr()
    assert msgspec.json.decode(out) == {"name": "방탄소년단"}
    assert "방탄소년단" in out
    assert err == ""
    emit({"a": 1}, as_json=False, human=lambda: table(["a"], [["1"]]))
    assert capsys.readouterr().out.split() == ["a", "─", "1"]


def test_words_beside_the_result_go_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    say("by the way")
    with progress("work") as update:
        update("search", 1, 2)
        update("search", 2, 2)
        update("search", 2, 2)
        update("rows", 5, None)
    assert capsys.readouterr() == ("", "by the way\nsearch: 2\n")


LIVE = Live(
    rate=7.76,
    requests=351,
    refused=4,
    left_s=25,
    allowed=8,
    share=0.97,
    waiting=("backfill",),
    quota_left=1200,
)
LIVE_WORDS = (
    "7.8/s, 97% of the 8/s allowed; 1,200 calls of the quota left; 4 of 351 refused (429); "
    "waiting: backfill; about 25 s left"
)


def test_how_collecting_goes_is_told_once_a_minute_where_there_is_no_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with progress("") as update:
        update("artists", 100, 400)
        update.show(LIVE)  # type: ignore[attr-defined]  # whoever watches finds it
        monkeypatch.setattr(show, "EVERY_S", 0)
        update.show(LIVE)  # type: ignore[attr-defined]
    assert capsys.readouterr().err == f"artists: 100 of 400; {LIVE_WORDS}\n"


def test_how_collecting_goes_is_told_below_the_bars() -> None:
    screen = io.StringIO()
    with Bars("", Console(file=screen, force_terminal=True, width=200)) as shown:
        shown("artists", 100, 400)
        shown.show(LIVE)
    assert LIVE_WORDS in screen.getvalue()
    assert "100/400" in screen.getvalue()


@pytest.mark.parametrize(("seconds", "words"), [(119, "119 s"), (600, "10 min"), (9000, "2.5 h")])
def test_what_is_left_is_told_in_few_characters(seconds: float, words: str) -> None:
    live = Live(rate=0, requests=0, refused=0, left_s=seconds)
    assert live_words(live) == f"0.0/s; about {words} left"


def test_names_that_look_like_markup_are_shown_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    table(["name"], [["[red]BTS[/red]"], ["[/]"]])
    out = capsys.readouterr().out
    assert "[red]BTS[/red]" in out
    assert "[/]" in out


def test_columns_line_up_by_what_is_seen(capsys: pytest.CaptureFixture[str]) -> None:
    table(["name", "n"], [["아이유", "1"], ["IU", "2"]])
    lines = capsys.readouterr().out.splitlines()
    assert lines[2] == "아이유   1"
    assert lines[3] == "IU       2"


def test_a_program_gets_a_row_in_a_line_whatever_its_length(capsys: pytest.CaptureFixture[str]) -> None:
    table(["name", "why"], [["n" * 90, "w" * 200]])
    assert "n" * 90 + "   " + "w" * 200 in capsys.readouterr().out


def test_in_a_terminal_nothing_is_cut_off(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "60")
    table(["name", "id"], [["long " * 9, "0123456789" * 4]])
    assert capsys.readouterr().out.count("9") == 4
    columns = [f"column_{number}" for number in range(8)]
    records(columns, [["에스파", *"1234567"]])
    lines = capsys.readouterr().out.splitlines()
    assert lines[:3] == ["── row 1", "column_0  에스파", "column_1  1"]
    records(["a", "b"], [["1", "2"]])
    assert capsys.readouterr().out.splitlines()[2] == "1   2"


def test_one_is_one_and_two_are_many() -> None:
    assert [plural(n, "row") for n in (0, 1, 1200)] == ["0 rows", "1 row", "1,200 rows"]


@pytest.mark.parametrize(
    ("stdout", "code", "told"), [("pipe", 7, ""), ("/dev/full", 9, "the result cannot be written: No space")]
)
def test_where_stdout_goes_decides(stdout: str, code: int, told: str) -> None:
    program = """
import sys
from tunelake.cli.show import printing
from tunelake.errors import Fatal
try:
    with printing():
        sys.stdin.read()
        sys.stdout.write("x" * 100_000)
except Fatal as error:
    sys.stderr.write(str(error))
    sys.exit(9)
sys.exit(7)
"""
    with open("/dev/full" if stdout != "pipe" else "/dev/null", "w") as file:  # noqa: PTH123  (a device)
        process = subprocess.Popen(
            [sys.executable, "-c", program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE if stdout == "pipe" else file,
            stderr=subprocess.PIPE,
        )
    if process.stdout:
        process.stdout.close()
        process.stdout = None
    _, err = process.communicate(b"", timeout=60)
    assert process.returncode == code
    assert told in err.decode()
    assert bool(err) == bool(told)


def test_what_is_printed_comes_out(capsys: pytest.CaptureFixture[str]) -> None:
    with printing():
        sys.stdout.write("a")
    assert capsys.readouterr().out == "a"
    with pytest.raises(Fatal, match="one of ours"), printing():
        raise Fatal("one of ours")
