# SPDX-License-Identifier: MIT
"""The group of all commands.  Each is a module of this package, imported when it is run: `run` shall not wait for rich."""

from __future__ import annotations

from importlib import import_module
from typing import Final

import click

import esemu

COMMANDS: Final = (
    "backup",
    "build-library",
    "conform",
    "contract",
    "demo",
    "explain",
    "matrix",
    "record",
    "rules",
    "run",
    "verify",
)


class CannotRun(click.ClickException):
    """The command could not begin, or had to give up what was asked for; nothing is wrong with esemu."""

    exit_code = 2


class Commands(click.Group):
    """The commands by their names."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names, in the order of the help text."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """Import a command."""
        if cmd_name not in COMMANDS:
            return None
        found: click.Command = import_module(f"esemu.cli.{cmd_name.replace('-', '_')}").command
        return found


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(esemu.__version__, prog_name="esemu")
def commands() -> None:
    """Run, look at and play with an emulator of the backup API of Microsoft's Extensible Storage Engine (ESE)."""
