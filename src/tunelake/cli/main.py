"""The command `tunelake`: finds the sub-command, maps every error to a message and an exit code."""

from __future__ import annotations

import sys
from difflib import get_close_matches
from importlib import import_module
from typing import NoReturn

import click

import tunelake

# Where each command lives; a module is imported when its command is used, so that --help stays quick.
COMMANDS = {
    "demo": ("tunelake.cli.demo:demo", "Do everything once, from names to answers, on embedded parts."),
    "plan": ("tunelake.cli.plan:plan", "What a collection would cost: calls, time and end; sends nothing."),
    "collect": ("tunelake.cli.collect:collect", "Collect artists or playlists from a source into the lake."),
    "upload": ("tunelake.cli.upload:upload", "Take a file of your own into the lake."),
    "pull": ("tunelake.cli.pull:command", "A table of a database of your own into the lake."),
    "login": ("tunelake.cli.login:login", "Let Tunelake see what you listen to."),
    "logout": ("tunelake.cli.logout:logout", "Log out and erase what was that user's."),
    "build": ("tunelake.cli.build:build", "Lake to facts, similar artists and serving stores."),
    "mart": ("tunelake.cli.mart:mart", "The marts: run, plan, trace, describe and export them."),
    "publish": ("tunelake.cli.publish:publish", "The stores that serve: fill them again, or compare them."),
    "engines": ("tunelake.cli.engines:engines", "Whether every SQL engine gives the same answers."),
    "ask": ("tunelake.cli.ask:ask", 'Answer a question, for example "BTS 좋아해".'),
    "serve": ("tunelake.cli.serve:serve", "Serve the web pages and the API."),
    "sql": ("tunelake.cli.sql:sql", "Query the tables; read only."),
    "status": ("tunelake.cli.status:status", "What runs, what is owed, what may be sent, what is stored."),
    "notebook": ("tunelake.cli.notebook:notebook", "A notebook on the lake, in marimo or Jupyter."),
    "ledger": ("tunelake.cli.ledger:ledger", "What was asked for and what became of it."),
    "contracts": ("tunelake.cli.contracts:contracts", "What the tables promise, and whether it holds."),
    "quarantine": ("tunelake.cli.quarantine:quarantine", "What could not become a row, and how it leaves."),
    "replay": ("tunelake.cli.replay:replay", "The tables once more from the kept answers; no request."),
    "maintain": ("tunelake.cli.maintain:maintain", "Few sorted files, no old and no expired ones."),
    "purge": ("tunelake.cli.purge:purge", "An artist, a listener or a source goes, with a proof."),
    "move": ("tunelake.cli.move:move", "Take a home to a bucket and a shared database, or back."),
    "upgrade": ("tunelake.cli.upgrade:upgrade", "A home of an older version as this one writes it."),
    "doctor": ("tunelake.cli.doctor:doctor", "What is configured, reachable and allowed."),
    "sandbox": ("tunelake.cli.sandbox:sandbox", "A server that behaves like the Spotify Web API."),
}


class LazyGroup(click.Group):
    """A group that knows its commands by name and loads each on use."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  (click's signature)
        """Name the commands in the order in which the data flows."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command:
        """Import one command; suggest the nearest for one that does not exist."""
        if cmd_name not in COMMANDS:
            near = get_close_matches(cmd_name, COMMANDS, n=1)
            ctx.fail(f"No such command {cmd_name!r}." + (f" Did you mean {near[0]!r}?" if near else ""))
        module, name = COMMANDS[cmd_name][0].split(":")
        command: click.Command = getattr(import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List the commands without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(
    cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110}
)
@click.version_option(tunelake.__version__, prog_name="tunelake")
def cli() -> None:
    """Collect a music catalogue, keep it, query it, and answer questions about it.

    Start with `tunelake demo`: no account and no server needed.

    \b
    Exit codes: 0 done; 1 done with gaps, listed; 2 your input or settings need a change;
    3 parked by the source, with the time; 4 failed; 130 interrupted, can be resumed.
    """  # noqa: D301  (\b is click's mark for a paragraph that must not be wrapped)


class WithoutPandas:
    """Pandas is not there unless Spark, which needs it, is.

    Where it is installed, pyarrow and DuckDB import it at the first array they make: a third of a second
    at each command, for nothing.
    """

    def find_spec(self, name: str, path: object, target: object = None, /) -> None:  # noqa: ARG002  (the protocol's)
        """Find nothing, so that others go on looking, or say that there is no pandas.

        Raises:
            ModuleNotFoundError: Who asks does so to find out whether pandas is there.
        """
        if name == "pandas" and "pyspark" not in sys.modules:
            raise ModuleNotFoundError("pandas is not used here", name=name)


def main(args: list[str] | None = None) -> NoReturn:
    """Run the command line; never returns.

    Every exit goes through here: 0 to 4 and 130 as the help says.
    """
    words = sys.argv[1:] if args is None else args
    as_json = "--json" in words
    without = WithoutPandas()
    sys.meta_path.insert(0, without)
    try:
        result = cli.main(words, standalone_mode=False)
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001  (the last stop: each gets its exit code)
        from tunelake.cli.failures import report

        sys.exit(report(error, as_json=as_json))
    finally:
        sys.meta_path.remove(without)
    sys.exit(result if isinstance(result, int) else 0)
