# SPDX-License-Identifier: MIT
"""The exported functions of restores: JetRestoreInstance and its like, JetExternalRestore with its map of databases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from esemu.faces.abi.memory import bytes_at, pointer_at, signed, ulong_at
from esemu.faces.abi.progress import JET_snpRestore, status_of
from esemu.machine.calls import CALLS
from esemu.machine.rules.restore import MAP_MAX
from esemu.machine.shapes.restore import ExternalRestoreCall, RestoreCall
from esemu.vocabulary.errors import JET_errInvalidParameter
from esemu.vocabulary.structures import STRUCTURES

if TYPE_CHECKING:
    from collections.abc import Callable

    from esemu.faces.abi.interface import Interface
    from esemu.faces.abi.text import Text

    Handler = Callable[..., int]

_MAP: Final = STRUCTURES["JET_RSTMAP_W"]
_MAP_AT: Final = {field.name: field.offset for field in _MAP.fields}
"""An entry of a map; the A form has the same size."""

_INFO_AT: Final = {field.name: field.offset for field in STRUCTURES["JET_LOGINFO_W"].fields}


def restore_instance(interface: Interface, text: Text, instance: int, source: int, target: int, status: int) -> int:
    """JetRestoreInstance (jetapi.cxx:22118)."""
    return _restore(interface, text, "JetRestoreInstance", instance, source, target, status)


def restore(interface: Interface, text: Text, source: int, status: int) -> int:
    """JetRestore (jetapi.cxx:17063)."""
    return _restore(interface, text, "JetRestore", 0, source, 0, status)


def restore_2(interface: Interface, text: Text, source: int, target: int, status: int) -> int:
    """JetRestore2 (jetapi.cxx:17102)."""
    return _restore(interface, text, "JetRestore2", 0, source, target, status)


def _restore(interface: Interface, text: Text, name: str, instance: int, source: int, target: int, status: int) -> int:
    source_folder, target_folder = interface.path(text, source), interface.path(text, target)
    call = RestoreCall(CALLS[name], instance, source_folder, target_folder, status_of(status, JET_snpRestore))
    return _performed(interface, call)


def _performed(interface: Interface, call: RestoreCall) -> int:
    """Make the call; the tables in memory are then what they were when the last log ended."""
    error = interface.perform(call)
    if error >= 0 and interface.tables is not None:
        files = {new.lower(): _file_name(old) for old, new in call.databases}
        paths = {_file_name(path): path for log in call.logs for path in log.attached}
        for database in call.checked:
            path = paths.get(files.get(database.path.lower(), ""), database.path)
            interface.tables.restored(database.signature, path, database.path, call.logs[-1].generation)
    return error


def _file_name(path: str) -> str:
    return path.rpartition("\\")[2].lower()


def external_restore(
    interface: Interface,
    text: Text,
    system: int,
    logs: int,
    entries: int,
    count: int,
    backup: int,
    low: int,
    high: int,
    status: int,
) -> int:
    """JetExternalRestore (jetapi.cxx:18862, 18875)."""
    paths = (system, logs, backup)
    call = _external(interface, text, "JetExternalRestore", paths, (signed(low), signed(high)), status)
    return _with_map(interface, text, call, entries, signed(count))


def external_restore_2(
    interface: Interface,
    text: Text,
    system: int,
    logs: int,
    entries: int,
    count: int,
    backup: int,
    info: int,
    target_name: int,
    target_logs: int,
    target_system: int,
    status: int,
) -> int:
    """JetExternalRestore2 (jetapi.cxx:18907, 18920): generations and base name are in a JET_LOGINFO of the form's size."""
    known = bool(info) and ulong_at(info) == STRUCTURES["JET_LOGINFO_A" if text.width == 1 else "JET_LOGINFO_W"].size
    generations = (0, 0)
    if known:
        generations = signed(ulong_at(info + _INFO_AT["ulGenLow"])), signed(ulong_at(info + _INFO_AT["ulGenHigh"]))
    call = _external(interface, text, "JetExternalRestore2", (system, logs, backup), generations, status)
    call.info_missing = not known
    if known:
        call.base_name = text.decode(bytes_at(info + _INFO_AT["szBaseName"], 4 * text.width))
    call.target_name = text.read(target_name)
    call.target_log_path = interface.path(text, target_logs)
    call.target_system_path = interface.path(text, target_system)
    return _with_map(interface, text, call, entries, signed(count))


def _external(
    interface: Interface,
    text: Text,
    name: str,
    paths: tuple[int, int, int],
    generations: tuple[int, int],
    status: int,
) -> ExternalRestoreCall:
    api = CALLS[f"{name}A" if text.width == 1 else name]
    system, logs, backup = (interface.path(text, path) for path in paths)
    return ExternalRestoreCall(api, 0, system, logs, backup, *generations, status_of(status, JET_snpRestore))


def _with_map(interface: Interface, text: Text, call: ExternalRestoreCall, entries: int, count: int) -> int:
    """Read the map, unless it is longer than the engine takes, and make the call."""
    call.count = count
    call.no_map = not entries
    if entries and 0 <= count <= MAP_MAX:
        call.databases = map_at(interface, text, entries, count, _MAP.size, _MAP_AT)
    elif not entries and count > 0 and text.width > 1:
        return JET_errInvalidParameter  # the engine's W form reads from NULL
    return _performed(interface, call)


def map_at(
    interface: Interface, text: Text, entries: int, count: int, size: int, places: dict[str, int]
) -> list[tuple[str, str]]:
    """Return the old and the new name of each database in an array of JET_RSTMAP or JET_RSTMAP2, "" for NULL."""
    found = []
    for entry in range(entries, entries + count * size, size):
        old, new = (pointer_at(entry + places[name]) for name in ("szDatabaseName", "szNewDatabaseName"))
        found.append((interface.path(text, old) or "", interface.path(text, new) or ""))
    return found


HANDLERS: Final[dict[str, Handler]] = {
    "JetRestoreInstance": restore_instance,
    "JetRestore": restore,
    "JetRestore2": restore_2,
    "JetExternalRestore": external_restore,
    "JetExternalRestore2": external_restore_2,
}
"""By the name without A and W."""
