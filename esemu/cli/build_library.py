# SPDX-License-Identifier: MIT
"""`esemu build-library`: libesent.so, its header and its pkg-config file."""

from __future__ import annotations

from pathlib import Path

import click

from esemu.cli.commands import CannotRun


@click.command("build-library")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to put the library; by default libesent.so (on macOS libesent.dylib) in the current folder.",
)
def command(output: Path | None) -> None:
    """Build a shared library with the C API of esent.dll in which this engine runs.

    It needs a C compiler and the extra `clib`. The header esent.h and the pkg-config file esent.pc come to lie beside the
    library, which runs in the Python that built it.
    """
    from esemu.faces.clib.build import LIBRARY, CannotBuild, build  # noqa: PLC0415 - most of the vocabulary

    try:
        for path in build(output or Path(LIBRARY)):
            click.echo(path)
    except (CannotBuild, OSError) as error:
        raise CannotRun(str(error)) from None
