"""`tunelake ask`: one question, one answer."""

from __future__ import annotations

import sys

import click

import tunelake
from tunelake.cli.show import draw, emit, json_option
from tunelake.service.answer import Answer
from tunelake.service.question import Language


@click.command()
@click.argument("question", nargs=-1, required=True)
@click.option(
    "--lang", type=click.Choice(["en", "ko"]), help="Language of the answer; default: the question's."
)
@click.option("--offline", is_flag=True, help="Answer from the stores alone; collect nothing.")
@json_option
def ask(question: tuple[str, ...], lang: Language | None, offline: bool, as_json: bool) -> int:
    """Answer a question, for example: tunelake ask "BTS 좋아해".

    An artist nobody has collected yet is collected first, and landed and published after the answer.
    """
    with tunelake.open().answering(on_demand=not offline) as answerer:
        answer = answerer.ask(" ".join(question), lang)
        emit(answer, as_json=as_json, human=lambda: show_answer(answer))
        sys.stdout.flush()  # who asked reads while the rest is done
    return exit_code(answer)


def show_answer(answer: Answer) -> None:
    """Print an answer for a person."""
    from tunelake.service.text import rendered

    draw(rendered(answer))


def exit_code(answer: Answer) -> int:
    """3 when the source parked the question, 4 when answering failed, else 0."""
    return {"parked": 3, "error": 4}.get(answer.kind, 0)
