# SPDX-License-Identifier: MIT
"""A recording of what a library answers: each case in a process and in an empty folder of its own.

A case may leave an instance in a state from which no call leads out; with the process it is gone.
"""

from __future__ import annotations

import ctypes
import os
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from esemu.scenario.apart import SECONDS, NoAnswer, apart
from esemu.scenario.arrangeable import NotArranged
from esemu.scenario.buffers import Number
from esemu.scenario.functions import Functions
from esemu.scenario.real import RealCaller
from esemu.scenario.run import run_case
from esemu.vocabulary.parameters import JET_paramLogFilePath, JET_paramSystemPath

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    Case = dict[str, Any]
    Load = Callable[[], Any]


def recorded(
    load: Load, name: str, cases: Iterable[Case], play: Callable[[Case], dict[str, Any]], *, seconds: float = SECONDS
) -> Iterator[dict[str, Any]]:
    """Give a recording of the library that `load` returns: a line about it, then one for each case, or why it has none.

    `play` returns what a line says of a case, and raises NotArranged and NoAnswer.
    """
    yield {
        "library": name,
        "version": _in_a_folder(version, load, seconds=seconds),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    for case in cases:
        try:
            yield {"id": case["id"], **play(case)}
        except NotArranged as wrong:
            yield {"id": case["id"], "not_arranged": str(wrong)}
        except NoAnswer as wrong:
            yield {"id": case["id"], "no_answer": str(wrong)}


def of_scenarios(load: Load, *, esent: bool = True, seconds: float = SECONDS) -> Callable[[Case], dict[str, Any]]:
    """Return what plays scenarios through the library that `load` returns; each may take so many seconds.

    `esent` says whether it is of that build of the engine, the one in Windows, or of the other.
    """
    return lambda case: {"r": _in_a_folder(_played, load, case, esent, seconds=seconds)}


def _in_a_folder(function: Callable[..., Any], *arguments: Any, seconds: float) -> Any:
    """Call a function in a process of its own, with an empty folder that is there as long as this process."""
    with TemporaryDirectory(prefix="esemu-", ignore_cleanup_errors=True) as folder:
        return apart(function, Path(folder).resolve(), *arguments, seconds=seconds)


def _played(folder: Path, load: Load, case: Case, esent: bool) -> list[dict[str, Any]]:
    """Return what a client sees of a case, up to a call that an engine would not return from.  Raises NotArranged."""
    expected = run_case(case)["r"]  # which knows where a real library would crash
    safe = next((k for k, call in enumerate(expected) if call["err"] in {"UB", "BLOCKS"}), len(expected))
    session = RealCaller(load(), folder, case["world"].get("page_size", 4096), esent=esent)
    session.arrange(case["world"])
    return [session.step(described) for described in case["calls"][:safe]]


def version(folder: Path, load: Load) -> str:
    """Return what JetGetVersion says, in hexadecimal digits; nothing where no session can be had."""
    functions = Functions(load())
    handle, session, version = Number(8, 0), Number(8, 0), Number(4, 0)
    if functions("JetCreateInstanceW", handle.address, 0) < 0:
        return ""
    path = ctypes.create_string_buffer(f"{folder}{os.sep}".encode("utf-16-le") + b"\0\0")
    for paramid in (JET_paramLogFilePath, JET_paramSystemPath):
        functions("JetSetSystemParameterW", handle.address, 0, paramid, 0, ctypes.addressof(path))
    if functions("JetInit", handle.address) < 0:
        return ""
    functions("JetBeginSessionW", handle.value or 0, session.address, 0, 0)
    functions("JetGetVersion", session.value or 0, version.address)
    functions("JetTerm", handle.value or 0)
    return f"{version.value or 0:#010x}"
