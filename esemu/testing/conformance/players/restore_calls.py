# SPDX-License-Identifier: MIT
"""The calls that restore, made through a library: the map and the JET_LOGINFO of a case as they lie in memory, and the status callback."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any, Final

from esemu.faces.abi.exports import EXPORTS
from esemu.faces.abi.memory import put, put_pointer, put_ulong, ulong_at
from esemu.faces.abi.progress import StatusCallback
from esemu.scenario.buffers import Filled, String
from esemu.scenario.functions import called, symbol_of
from esemu.vocabulary.structures import STRUCTURES

if TYPE_CHECKING:
    from esemu.scenario.functions import Caller

    Described = dict[str, Any]
    Result = dict[str, Any]

_MAP: Final = {field.name: field.offset for field in STRUCTURES["JET_RSTMAP_W"].fields}
_MAP_SIZE: Final = STRUCTURES["JET_RSTMAP_W"].size
_INFO: Final = {field.name: field.offset for field in STRUCTURES["JET_LOGINFO_W"].fields}
_PROGRESS: Final = {field.name: field.offset for field in STRUCTURES["JET_SNPROG"].fields}


def restore(caller: Caller, described: Described, result: Result) -> int:
    """Restore; the result shows what the status callback was told: the kind of it, and how much is done of how much."""
    told: list[list[int]] = []

    def status(session: int, snp: int, snt: int, progress: int | None) -> int:  # noqa: ARG001 - as the header has it
        places = [_PROGRESS[name] for name in ("cunitDone", "cunitTotal")] if progress else []
        told.append([snt, *(ulong_at((progress or 0) + place) for place in places)])
        return 0

    callback = StatusCallback(status)
    form = EXPORTS[symbol_of(described["op"])].prototype.form
    entries = _Map(caller, described.get("map"), form)
    target = [
        String(value and caller.into(value), form) for value in map(described.get, ("target_logs", "target_system"))
    ]
    name, info = String(described.get("target"), form), _log_info(described, form)
    own = {
        "pfn": ctypes.cast(callback, ctypes.c_void_p).value or 0,
        "rgrstmap": entries.address,
        "crstfilemap": described.get("count", entries.count),
        "pLogInfo": info.address if described.get("info", True) else 0,
        "szTargetInstanceName": name.address,
        "szTargetInstanceLogPath": target[0].address,
        "szTargetInstanceCheckpointPath": target[1].address,
    }
    error, _ = called(caller, described, own=own)
    result["status"] = told
    return error


class _Map:
    """An array of JET_RSTMAP with the old and the new name of each database; `address` is 0 where there is none."""

    def __init__(self, caller: Caller, pairs: list[list[str]] | None, form: str) -> None:
        self.count = len(pairs or ())
        self._block = Filled(max(1, self.count * _MAP_SIZE))
        self._strings = [[String(caller.into(name), form) for name in pair] for pair in pairs or ()]
        self.address = 0 if pairs is None else self._block.address
        for place, (old, new) in enumerate(self._strings):
            entry = self._block.address + place * _MAP_SIZE
            put_pointer(entry + _MAP["szDatabaseName"], old.address)
            put_pointer(entry + _MAP["szNewDatabaseName"], new.address)


def _log_info(described: Described, form: str) -> Filled:
    """Return the JET_LOGINFO with the generations of a case."""
    size = STRUCTURES["JET_LOGINFO_A" if form == "A" else "JET_LOGINFO_W"].size
    info = Filled(size)
    put_ulong(info.address, described.get("cbSize") or size)
    put_ulong(info.address + _INFO["ulGenLow"], described.get("low", 0))
    put_ulong(info.address + _INFO["ulGenHigh"], described.get("high", 0))
    put(info.address + _INFO["szBaseName"], "edb\0".encode("cp1252" if form == "A" else "utf-16-le"))
    return info


RESTORES: Final = dict.fromkeys(
    (
        "JetRestoreInstance",
        "JetRestore",
        "JetRestore2",
        *(f"JetExternalRestore{number}{form}" for number in ("", "2") for form in ("", "A")),
    ),
    restore,
)
"""By the name that cases have."""
