# SPDX-License-Identifier: MIT
"""The C source of the library: each exported function starts Python if need be and calls its function there.

cffi writes the part between C and Python.  Its own exports would return 0, which is success, where Python cannot start;
so the functions that it makes stay inside, and these stand before them.
"""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from esemu.faces.abi.exports import EXPORTS, is_emulated
from esemu.faces.clib.declarations import handed_on, parameters, raw_prototype
from esemu.faces.clib.header import header
from esemu.vocabulary.errors import JET_errInternalError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from esemu.vocabulary.declarations import Prototype

MODULE: Final = "_esemu_clib"
"""The name under which the library sees itself in Python."""

_OWN: Final = ("int32_t py_esemu_start(void)", "int32_t py_esemu_not_emulated(const char *name)")

_STARTUP: Final = f"""
from {MODULE} import ffi

from esemu.faces.clib.start import connect

connect(ffi)
"""


def prototypes() -> dict[str, Prototype]:
    """Return the functions that have one of their own in Python; a plain name is another one's.

    Those that are not emulated share one, which is told the name.
    """
    return {export.prototype.symbol: export.prototype for symbol, export in EXPORTS.items() if is_emulated(symbol)}


def builder(python: str) -> Any:
    """Return cffi's builder of the library; `python` is the interpreter to run.  Raises ImportError without cffi."""
    from cffi import FFI  # noqa: PLC0415 - the extra `clib`

    ffi = FFI()
    declared = [*_OWN, *map(raw_prototype, prototypes().values())]
    ffi.cdef('extern "Python" {\n' + ";\n".join(declared) + ";\n}")
    ffi.embedding_api("")
    ffi.embedding_init_code(_STARTUP)
    ffi.set_source(MODULE, "\n".join(_lines(python, declared)))
    return ffi


def _lines(python: str, declared: list[str]) -> Iterator[str]:
    """Yield the source, but for cffi's part."""
    escaped = python.replace("\\", "\\\\").replace('"', '\\"')
    yield f'#define ESEMU_BUILT_WITH "{escaped}"'
    yield "#define ESENT_NO_LONG"
    yield from (f"static {each};" for each in declared)
    yield header().replace("#ifdef JET_UNICODE", "#if 0")
    yield files("esemu.faces.clib").joinpath("start.c").read_text(encoding="utf-8")
    for symbol, export in EXPORTS.items():
        yield from _exported(symbol, export.prototype)


def _exported(symbol: str, prototype: Prototype) -> Iterator[str]:
    """Yield an exported function."""
    handed = ", ".join(map(handed_on, prototype.arguments))
    called = f"py_{prototype.symbol}({handed})" if is_emulated(symbol) else f'py_esemu_not_emulated("{symbol}")'
    yield f'__attribute__((visibility("default"))) JET_ERR JET_API {symbol}({parameters(prototype.arguments)})'
    yield "{"
    yield f"    return ESEMU_READY ? {called} : {JET_errInternalError};"
    yield "}"
