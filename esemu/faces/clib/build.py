# SPDX-License-Identifier: MIT
"""Building libesent.so, esent.h and esent.pc with the C compiler of the host.

Nothing but the functions of the API is visible in the library: everything else is hidden, cffi's own start included.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import sysconfig
import tempfile
from contextlib import redirect_stdout
from pathlib import Path
from typing import Final

from esemu.faces.abi.exports import EXPORTS
from esemu.faces.clib.header import header
from esemu.faces.clib.source import builder

LIBRARY: Final = "libesent.dylib" if sys.platform == "darwin" else "libesent.so"
"""What the library is called on this host."""

PKG_CONFIG: Final = """\
prefix=${{pcfiledir}}
Name: esent
Description: The API of the Extensible Storage Engine, emulated
Version: {version}
Libs: -L${{prefix}} -lesent
Cflags: -I${{prefix}}
"""


class CannotBuild(Exception):
    """The library cannot be built here: the message says what is missing."""


def build(target: Path, python: str | None = None) -> list[Path]:
    """Build the library at `target`, with header and pkg-config file beside it, and return the three paths.

    `python` is the interpreter that will run inside, by default this one.  Raises CannotBuild.
    """
    if sys.platform == "win32":
        raise CannotBuild("there is no such library for Windows, which has its own esent.dll")
    try:
        ffi = builder(python or sys.executable)
    except ImportError:
        raise CannotBuild("cffi is missing: it comes with the extra `clib` (pip install 'esemu[clib]')") from None
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        source, exports = Path(folder, "esent.c"), Path(folder, "esent.exports")
        with redirect_stdout(None):  # cffi says what it does
            ffi.emit_c_code(str(source))
        exports.write_text(_exports(), encoding="utf-8")
        _compile(source, exports, target)
    beside = {
        target.with_name("esent.h"): header(),
        target.with_name("esent.pc"): PKG_CONFIG.format(version=_version()),
    }
    for path, text in beside.items():
        path.write_text(text, encoding="utf-8")
    return [target, *beside]


def _exports() -> str:
    """Return what tells the linker which symbols are visible."""
    if sys.platform == "darwin":
        return "".join(f"_{symbol}\n" for symbol in EXPORTS)
    return "{ global: " + " ".join(f"{symbol};" for symbol in EXPORTS) + " local: *; };\n"


def _compile(source: Path, exports: Path, target: Path) -> None:
    """Run the compiler that Python was built with, or that CC names."""
    compiler = shlex.split(os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc")
    folder = str(sysconfig.get_config_var("LIBDIR") or "")
    name = f"python{sysconfig.get_config_var('LDVERSION')}"
    only = f"-exported_symbols_list,{exports}" if sys.platform == "darwin" else f"--version-script={exports}"
    command = [
        *(compiler[:1] if os.environ.get("CC") is None else compiler),
        *("-O2", "-fPIC", "-shared", "-fvisibility=hidden", "-w"),
        f"-I{sysconfig.get_path('include')}",
        str(source),
        *("-o", str(target)),
        f"-Wl,{only}",
        *(f"-L{folder}", f"-Wl,-rpath,{folder}", f"-l{name}", "-lpthread"),
        *(() if sys.platform == "darwin" else ("-ldl",)),
    ]
    try:
        made = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - the host's compiler
    except OSError as error:
        raise CannotBuild(f"there is no C compiler ({error}); CC names one") from error
    if made.returncode:
        raise CannotBuild(f"{shlex.join(command)}\n{made.stderr.strip()}")


def _version() -> str:
    from esemu import __version__  # noqa: PLC0415 - the package imports its faces

    return __version__
