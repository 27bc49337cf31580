"""`tunelake demo`: everything once, on embedded parts, with the figures of what was done."""

from __future__ import annotations

import os
import resource
import shutil
import sys
from importlib import resources
from pathlib import Path

import click
import msgspec

from tunelake.bootstrap import sandboxes, web
from tunelake.bootstrap.tunelake import Tunelake
from tunelake.cli.ask import show_answer
from tunelake.cli.collect import read_names
from tunelake.cli.show import emit, json_option, progress, say, table
from tunelake.collect.jobs.parts import PARTS
from tunelake.service.answer import Answer
from tunelake.settings import load
from tunelake.work.demo import DemoReport, Stopwatch, account

QUESTIONS = ("BTS 좋아해", "Who sounds like Gorillaz?")
WEB_PORT = 8080


@click.command()
@click.option("--names", "file", help="A list of your own, one name a line.")
@click.option(
    "--artists",
    type=click.IntRange(1, 5_000_000),
    default=1000,
    show_default=True,
    help="Artists that the sandbox makes up.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="Which world.")
@click.option(
    "--port", type=click.IntRange(0, 65535), help=f"Of the web app; default: {WEB_PORT}, or a free one."
)
@click.option("--no-serve", is_flag=True, help="Stop after the answers.")
@json_option
def demo(file: str | None, artists: int, seed: int, port: int | None, no_serve: bool, as_json: bool) -> int:
    """Collect a list of names from a sandbox over HTTP, build, answer two questions, serve.

    Needs no account and no network. Figures from the sandbox are generated; what shows them says so.
    """
    names = read_names(file) if file else _own_names()
    with sandboxes.spawned_sandbox(artists=artists, seed=seed) as sandbox:
        settings = msgspec.structs.replace(load(home=Path("tunelake-demo").absolute()), **sandbox)
        lake = Tunelake(settings, kind="demo")
        report = _run(lake, names)
        emit(report, as_json=as_json, human=lambda: _show(report))
        if not no_serve:
            _serve(lake, port)
    return 1 if report.gaps else 0


def _own_names() -> list[str]:
    text = (resources.files("tunelake.cli") / "demo_names.txt").read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line]


def _run(lake: Tunelake, names: list[str]) -> DemoReport:
    watch = Stopwatch()
    say(f"collecting {len(names)} names from a sandbox, over HTTP")
    with progress("collect") as update, watch.stage("collect"):
        collected = lake.collect_artists(names=names, with_=PARTS, progress=update)
    say("building: rows, facts, similar artists, stores")
    with progress("build") as update:
        built = lake.build(update)
    answers = []
    with watch.stage("answer"):
        for question in QUESTIONS:
            say(f"asking: {question}")
            answers.append(lake.ask(question))
    return account(
        collected,
        built,
        answers,
        rows=lake.counts(),
        seconds=watch.seconds,
        home=lake.settings.home,
        peak_megabytes=round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000, 0),
    )


def _show(report: DemoReport) -> None:
    for question, answer in zip(QUESTIONS, report.answers, strict=True):
        click.echo(f"\n> {question}" + (_just_now(answer)))
        show_answer(answer)
    click.echo(
        f"\n{report.asked} names: {report.stored} stored, {report.ambiguous} ambiguous, "
        f"{report.not_found} not found, {report.gaps} gaps; {report.calls} calls"
    )
    table(["rows", "table"], [[f"{count:,}", name] for name, count in sorted(report.rows.items()) if count])
    times = ", ".join(f"{stage} {seconds:.1f} s" for stage, seconds in report.seconds.items())
    click.echo(f"{times}; {report.files} files, {report.megabytes} MB; memory {report.peak_megabytes:.0f} MB")
    program = "tunelake" if shutil.which("tunelake") else os.path.relpath(sys.argv[0])
    click.echo(
        f"all of it is in {report.home}\n\n"
        "Now with your own list, one name a line:\n"
        f"  {program} demo --names my-artists.txt\n"
        f'  TUNELAKE_HOME={report.home} {program} sql "from artist_profile limit 5"'
    )


def _just_now(answer: Answer) -> str:
    return (
        f"   (not known a moment ago: collected in {answer.took_ms / 1000:.1f} s)"
        if answer.collected_now
        else ""
    )


def _serve(lake: Tunelake, port: int | None) -> None:
    chosen = sandboxes.free_port(WEB_PORT) if port is None else port
    web.serve_web(
        lake.answerer(),
        host="127.0.0.1",
        port=chosen,
        ready=lambda url: say(f"\nopen {url}/   (Ctrl-C stops)"),
    )
