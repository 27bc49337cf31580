"""What `--help` says."""

from __future__ import annotations

import click

from tunelake.cli.main import COMMANDS, cli


def test_no_line_of_a_list_of_commands_is_cut_off() -> None:
    context = click.Context(cli)
    groups = {name: cli.get_command(context, name) for name in COMMANDS}
    listed = [
        group.get_help(click.Context(group, info_name=name, terminal_width=80)).partition("Commands:")[2]
        for name, group in groups.items()
        if isinstance(group, click.Group)
    ]
    assert len(listed) > 5
    assert [text for text in listed if "..." in text] == []
