# SPDX-License-Identifier: MIT
"""A read of 1 MiB in the middle of a database, through both faces of the C interface, beside the bare copy."""

import ctypes
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from measure import ROUNDS, Row, Subject, best, microseconds
from reads import DATABASE, OneBlock

import esemu
from esemu.faces.clib.loaded import Loaded

RATIO = 1.1
SIZE = 2**20
PAGE = 4096
COPIES = 1000  # with the same objects: so many that a turn has many, of which the first alone finds the caches cold
WHOLE = ctypes.create_string_buffer(SIZE + PAGE)
"""What both the read and the copy fill: how fast a copy is depends on where it goes."""


class OneMegabyte(OneBlock):
    """Pages that are the same MiB over and over, in memory that was written."""

    written = bytearray(b"esemu   " * (SIZE // 8))
    made = memoryview(written).toreadonly()

    def read(self, first: int, count: int) -> memoryview:
        """Return the block, or as much of it as is asked for."""
        return self.made if count * PAGE == SIZE else super().read(first, count)


@dataclass
class Reading:
    """A backup that has an open database, and the place that is read into, which begins at a page."""

    process: Any
    functions: Any
    instance: int
    handle: int
    buffer: int = ctypes.addressof(WHOLE) + -ctypes.addressof(WHOLE) % PAGE
    made: int = ctypes.addressof(ctypes.c_char.from_buffer(OneMegabyte.written))

    @classmethod
    def of_a_new_engine(cls) -> "Reading":
        """Return one whose functions are those of the library for ctypes."""
        engine = esemu.Engine()
        inst = engine.start(databases=[esemu.Database(DATABASE, 300_000, source=OneMegabyte())])
        engine.jet.JetBeginExternalBackupInstance(inst)
        file = engine.jet.JetOpenFileInstance(inst, DATABASE)
        functions = engine.library()
        return cls(functions.interface.process, functions, int(inst), file.handle)


def with_ctypes() -> dict[str, Any]:
    """Return what reads a MiB, called as ctypes calls, and what copies one."""
    reading, actual = Reading.of_a_new_engine(), ctypes.c_uint32()
    read = reading.functions.JetReadFileInstance
    read.argtypes = [
        ctypes.c_uint64,
        ctypes.c_uint64,
        ctypes.c_void_p,
        ctypes.c_uint32,
        ctypes.POINTER(ctypes.c_uint32),
    ]
    arguments = (reading.instance, ctypes.c_uint64(reading.handle), reading.buffer, SIZE, ctypes.byref(actual))
    if [read(*arguments) for _ in range(3)] != [0, 0, 0] or actual.value != SIZE:
        raise RuntimeError("a read was refused")
    copied = (reading.buffer, reading.made, SIZE)
    return {"reading": reading, "read": read, "arguments": arguments, "copy": ctypes.memmove, "copied": copied}


def through_library() -> Row:
    """Time reads through the library for ctypes, beside ctypes' own copy."""
    subjects = {
        "copy": Subject("copy(*copied)", with_ctypes, COPIES),
        "read": Subject("read(*arguments)", with_ctypes, COPIES),
    }
    times = microseconds(best(subjects))
    return _row("library", "memmove", times["copy"], times["read"])


def through_clib(library: Path, compiled: Path) -> Row:
    """Time reads from C through a built library, which serves emulated processes of this one here, beside memcpy."""
    loaded, megabytes = Loaded(library), ctypes.CDLL(str(compiled)).megabytes
    megabytes.argtypes = [ctypes.c_uint64] * 4 + [ctypes.POINTER(ctypes.c_double)] * 2
    copy, read = ctypes.c_double(math.inf), ctypes.c_double(math.inf)
    for _ in range(ROUNDS):
        reading = Reading.of_a_new_engine()
        loaded.of(reading.process)
        arguments = (reading.instance, reading.handle, reading.buffer, reading.made)
        if error := megabytes(*arguments, ctypes.byref(copy), ctypes.byref(read)):
            raise RuntimeError(f"a read was refused: {error}")
    return _row("clib", "memcpy", copy.value / 1000, read.value / 1000)


def _row(face: str, rival: str, copy: float, read: float) -> Row:
    return Row(f"{face}: 1 MiB read", f"{rival} of 1 MiB", copy, read, "us", RATIO * copy)
