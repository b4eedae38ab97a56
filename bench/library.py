# SPDX-License-Identifier: MIT
"""A call through the library for ctypes, beside a ctypes call of a C function that does nothing to speak of, and a big read."""

import ctypes
from collections.abc import Iterator
from typing import Any

from calls import BUDGET_US as CALL_BUDGET_US
from measure import Row, Subject, best, microseconds, slowness
from reads import DATABASE, OneBlock

import esemu

RATIO = 1.5
"""How many ctypes calls of a trivial function an empty call may take."""

READ_RATIO = 1.1
MEGABYTE = 2**20
COPIES = 1000  # with the same objects: so many that a turn has many, of which the first alone finds the caches cold
WHOLE = ctypes.create_string_buffer(MEGABYTE + 4096)
"""What both the read and the copy fill: how fast a copy is depends on where it goes."""


def trivial() -> dict[str, Any]:
    """Return a C function of one number, with its type, and without."""
    typed, untyped = ctypes.CDLL(None)["labs"], ctypes.CDLL(None)["labs"]
    typed.argtypes, typed.restype = [ctypes.c_uint64], ctypes.c_int32
    return {"typed": typed, "untyped": untyped}


def in_a_backup() -> dict[str, Any]:
    """Return the functions of a library, and an instance in a full backup."""
    engine = esemu.Engine()
    inst = engine.start(databases={DATABASE: 1000})
    library = engine.library()
    library.JetBeginExternalBackupInstance(inst, 0)
    library.JetStopBackupInstance.argtypes = [ctypes.c_uint64]
    return {"engine": engine, "free": library.JetFreeBuffer, "stop": library.JetStopBackupInstance, "inst": int(inst)}


class OneMegabyte(OneBlock):
    """Pages that are the same MiB over and over, in memory that was written."""

    written = bytearray(b"esemu   " * (MEGABYTE // 8))
    made = memoryview(written).toreadonly()


def reading() -> dict[str, Any]:
    """Return what reads a MiB in the middle of a database, into a buffer that begins at a page."""
    engine = esemu.Engine()
    inst = engine.start(databases=[esemu.Database(DATABASE, 300_000, source=OneMegabyte())])
    library = engine.library()
    handle, size, actual = ctypes.c_uint64(), ctypes.c_uint32(), ctypes.c_uint32()
    library.JetBeginExternalBackupInstance(inst, 0)
    library.JetOpenFileInstanceW(inst, DATABASE, ctypes.byref(handle), ctypes.byref(size), ctypes.byref(size))
    address = ctypes.addressof(WHOLE) + -ctypes.addressof(WHOLE) % 4096
    read = library.JetReadFileInstance
    read.argtypes = [
        ctypes.c_uint64,
        ctypes.c_uint64,
        ctypes.c_void_p,
        ctypes.c_uint32,
        ctypes.POINTER(ctypes.c_uint32),
    ]
    arguments = (int(inst), handle, address, MEGABYTE, ctypes.byref(actual))
    for _ in range(3):
        read(*arguments)
    source = ctypes.addressof(ctypes.c_char.from_buffer(OneMegabyte.written))
    copied = (address, source, MEGABYTE)
    return {
        "engine": engine,
        "read": read,
        "arguments": arguments,
        "copy": ctypes.memmove,
        "copied": copied,
    }


def rows() -> Iterator[Row]:
    """Time an empty call, a call that the machine makes, and a read of a MiB."""
    times = microseconds(
        best(
            {
                "ctypes, typed": Subject("typed(65536)", trivial),
                "ctypes": Subject("untyped(65536)", trivial),
                "free": Subject("free(0)", in_a_backup),
                "stop": Subject("stop(inst)", in_a_backup),
                "memmove of 1 MiB": Subject("copy(*copied)", reading, COPIES),
                "read": Subject("read(*arguments)", reading, COPIES),
            }
        )
    )
    for rival in ("ctypes, typed", "ctypes"):
        budget = RATIO * times[rival]
        yield Row("library: empty call", rival, times[rival], times["free"], "us", budget, note="JetFreeBuffer(NULL)")
    typed, budget = times["ctypes, typed"], CALL_BUDGET_US * slowness(times)
    note = "JetStopBackupInstance"
    yield Row("library: call of the machine", "ctypes, typed", typed, times["stop"], "us", budget, note=note)
    memmove = times["memmove of 1 MiB"]
    yield Row("library: 1 MiB read", "memmove of 1 MiB", memmove, times["read"], "us", READ_RATIO * memmove)
