# SPDX-License-Identifier: MIT
"""The exported functions about instances and OS snapshots, and the arrays of JET_INSTANCE_INFO that they allocate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from esemu.faces.abi.memory import pointer_at, put, put_pointer, put_ulong, ulong_at
from esemu.faces.abi.restore import map_at
from esemu.machine.calls import CALLS
from esemu.machine.rules.restore import MAP_MAX
from esemu.machine.shapes.instances import CreateInstanceCall, InitCall, InstanceInfoCall
from esemu.machine.shapes.snapshots import SnapshotInfoCall, SnapshotPrepareCall
from esemu.machine.state import JET_INSTANCE_NIL
from esemu.vocabulary.errors import JET_errFeatureNotAvailable, JET_errInvalidParameter, JET_errSuccess
from esemu.vocabulary.structures import STRUCTURES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from esemu.faces.abi.interface import Interface
    from esemu.faces.abi.text import Text
    from esemu.machine.effects.instances import InstanceInfo

    Handler = Callable[..., int]

POINTER: Final = 8
"""Bytes of a pointer."""

_INFO: Final = STRUCTURES["JET_INSTANCE_INFO_W"]
_AT: Final = {field.name: field.offset for field in _INFO.fields}
_LISTS: Final = ("szDatabaseFileName", "szDatabaseDisplayName")
"""What points to a list of names; the second holds NULL only, and there are no SLV files any more."""

RESTORE_INFO: Final = {"JetInit3": "JET_RSTINFO_W", "JetInit4": "JET_RSTINFO2_W"}
"""The structure that tells a call how to recover, and its entries: the A forms have the same size."""

RESTORE_MAP: Final = {"JetInit3": "JET_RSTMAP_W", "JetInit4": "JET_RSTMAP2_W"}


# Instances.


def create_instance(interface: Interface, text: Text, handle: int, name: int) -> int:
    """JetCreateInstance (jetapi.cxx:21895)."""
    return _create(interface, handle, CreateInstanceCall(CALLS["JetCreateInstance"], 0, text.read(name)))


def create_instance_2(interface: Interface, text: Text, handle: int, name: int, display: int, grbit: int) -> int:
    """JetCreateInstance2 (jetapi.cxx:21975)."""
    call = CreateInstanceCall(CALLS["JetCreateInstance2"], 0, text.read(name), text.read(display), grbit)
    return _create(interface, handle, call)


def _create(interface: Interface, handle: int, call: CreateInstanceCall) -> int:
    put_pointer(handle, JET_INSTANCE_NIL)  # before anything is looked at (jetapi.cxx:21915)
    error = interface.perform(call)
    if not error:
        put_pointer(handle, call.result.handle)
    return error


def initialiser(name: str) -> Handler:
    """Return JetInit, JetInit2, JetInit3 or JetInit4 (jetapi.cxx:21832-21888)."""
    api = CALLS["JetInit3" if name == "JetInit4" else name]

    def init(interface: Interface, text: Text | None, pointer: int, *rest: int) -> int:
        if len(rest) == 2 and rest[0] and (error := _refused(interface, text, name, rest[0])):
            return error
        given = pointer_at(pointer) if pointer else 0
        call = InitCall(api, given, rest[-1] if rest else 0, no_pointer=not pointer)
        error = interface.perform(call)
        if not error:
            put_pointer(pointer, call.result.handle)
        elif call.instance is not None:
            put_pointer(pointer, 0)  # the instance is freed, even if JetCreateInstance made it (jetapi.cxx:21504)
        return error

    return init


def _refused(interface: Interface, text: Text | None, name: str, info: int) -> int:
    """Return the error for a JET_RSTINFO: databases under other names are fine where nothing has to be made of their logs."""
    structure = STRUCTURES[RESTORE_INFO[name]]
    at = {field.name: field.offset for field in structure.fields}
    entries, count = pointer_at(info + at["rgrstmap"]), ulong_at(info + at["crstmap"])
    if ulong_at(info) != structure.size or bool(entries) != bool(count):
        return JET_errInvalidParameter  # jetapi.cxx:21572, 21719
    entry = STRUCTURES[RESTORE_MAP[name]]
    assert text is not None  # noqa: S101 - both calls have forms
    places = {field.name: field.offset for field in entry.fields}
    disk = interface.process.world.disk
    for _, new in map_at(interface, text, entries, min(count, MAP_MAX), entry.size, places):
        if not disk.exists(disk.complete(new) or ""):
            return JET_errFeatureNotAvailable
    return JET_errSuccess


def free_buffer(interface: Interface, text: None, address: int) -> int:
    """JetFreeBuffer (jetapi.cxx:22658)."""
    if address:
        interface.allocations.free(address)
    return JET_errSuccess


# Arrays of JET_INSTANCE_INFO.


def instance_info(interface: Interface, text: Text, count: int, array: int) -> int:
    """JetGetInstanceInfo (jetapi.cxx:22818, 22882)."""
    call = InstanceInfoCall(CALLS["JetGetInstanceInfoA" if text.width == 1 else "JetGetInstanceInfo"])
    call.no_pointer = not (count and array)
    error = interface.perform(call)
    if not error:
        _store(interface, text, call.result, count, array)
    return error


def _store(interface: Interface, text: Text, infos: Sequence[InstanceInfo], count: int, array: int) -> None:
    """Store how many there are, and an array, as far as there are pointers to store them at.

    The A form allocates an array of none where the W form stores NULL.
    """
    put_ulong(count, len(infos))
    if array:
        put_pointer(array, _array(interface, text, infos) if infos or text.width == 1 else 0)


def _array(interface: Interface, text: Text, infos: Sequence[InstanceInfo]) -> int:
    """Return the address of one block: the structures, their lists of pointers, and the strings (jetapi.cxx:22717)."""
    out = interface.paths.out
    names = [None if info.name is None else text.encode(info.name) for info in infos]
    files = [[text.encode(out(path)) for path in info.databases] for info in infos]
    pointers = _INFO.size * len(infos)
    strings = pointers + POINTER * len(_LISTS) * sum(map(len, files))
    texts = [*filter(None, names), *(each for databases in files for each in databases)]
    block = interface.allocations.allocate(strings + sum(map(len, texts)))
    pointer, string = block + pointers, block + strings
    for number, (info, name, databases) in enumerate(zip(infos, names, files, strict=True)):
        entry = block + number * _INFO.size
        put_pointer(entry + _AT["hInstanceId"], info.handle)
        put_pointer(entry + _AT["cDatabases"], len(databases))
        if databases or text.width == 1:  # where there are none the A form leaves no NULL
            for place, field in enumerate(_LISTS):
                put_pointer(entry + _AT[field], pointer + place * POINTER * len(databases))
        if name is not None:
            put_pointer(entry + _AT["szInstanceName"], string)
            put(string, name)
            string += len(name)
        for place, file in enumerate(databases):
            put_pointer(pointer + place * POINTER, string)
            put(string, file)
            string += len(file)
        pointer += POINTER * len(_LISTS) * len(databases)
    return block


# OS snapshots.


def prepare_snapshot(interface: Interface, text: None, number: int, grbit: int) -> int:
    """JetOSSnapshotPrepare (jetapi.cxx:22922)."""
    call = SnapshotPrepareCall(CALLS["JetOSSnapshotPrepare"], 0, grbit)
    call.no_pointer = not number
    error = interface.perform(call)
    if not error:
        put_pointer(number, call.result)
    return error


def snapshot_lister(name: str) -> Handler:
    """Return JetOSSnapshotFreeze or JetOSSnapshotGetFreezeInfo (jetapi.cxx:22952-23170)."""

    def infos(interface: Interface, text: Text, number: int, count: int, array: int, grbit: int) -> int:
        call = SnapshotInfoCall(CALLS[f"{name}A" if text.width == 1 else name], 0, number, grbit)
        call.no_pointer = not (count and array)
        error = interface.perform(call)
        if call.written:
            _store(interface, text, call.result or (), count, array)
        return error

    return infos


HANDLERS: Final[dict[str, Any]] = {
    "JetCreateInstance": create_instance,
    "JetCreateInstance2": create_instance_2,
    **{name: initialiser(name) for name in ("JetInit", "JetInit2", "JetInit3", "JetInit4")},
    "JetFreeBuffer": free_buffer,
    "JetGetInstanceInfo": instance_info,
    "JetOSSnapshotPrepare": prepare_snapshot,
    "JetOSSnapshotFreeze": snapshot_lister("JetOSSnapshotFreeze"),
    "JetOSSnapshotGetFreezeInfo": snapshot_lister("JetOSSnapshotGetFreezeInfo"),
}
"""By the name without A and W."""
