# SPDX-License-Identifier: MIT
"""The exported functions of streaming, surrogate and internal backup: files, lists of names, logs."""

from __future__ import annotations

from ctypes import c_uint32
from typing import TYPE_CHECKING, Any, Final

from esemu.faces.abi.memory import put, put_pointer, put_ulong, signed, ulong_at, view
from esemu.faces.abi.progress import JET_snpBackup, status_of
from esemu.faces.abi.text import fitting
from esemu.machine.calls import CALLS
from esemu.machine.repeated_read import found_again
from esemu.machine.shapes.backup import BackupCall, ListCall, OpenCall, ReadCall, SectionCall

if TYPE_CHECKING:
    from collections.abc import Callable

    from esemu.faces.abi.interface import Interface
    from esemu.faces.abi.text import Text
    from esemu.machine.api import ApiCall

    Handler = Callable[..., int]
    Target = tuple[int, int, memoryview, c_uint32]

PAGE: Final = 4096
"""Where a buffer to read into must begin: at a multiple of so many bytes (backup.cxx:2736)."""


# Files.


def _opened(interface: Interface, call: OpenCall, handle: int, low: int, high: int) -> int:
    """Open a file and store its handle and its size."""
    error = interface.perform(call)
    if not error:
        put_pointer(handle, call.result.handle)
        put_ulong(low, call.result.size & 0xFFFFFFFF)
        put_ulong(high, call.result.size >> 32)
    return error


def open_file(interface: Interface, text: Text, instance: int, name: int, handle: int, low: int, high: int) -> int:
    """JetOpenFileInstance (jetapi.cxx:17636)."""
    call = OpenCall(CALLS["JetOpenFileInstance"], instance, interface.path(text, name))
    return _opened(interface, call, handle, low, high)


def open_file_single(interface: Interface, text: Text, name: int, handle: int, low: int, high: int) -> int:
    """JetOpenFile (jetapi.cxx:17712)."""
    return _opened(interface, OpenCall(CALLS["JetOpenFile"], 0, interface.path(text, name)), handle, low, high)


def open_section(
    interface: Interface,
    text: Text,
    instance: int,
    name: int,
    handle: int,
    section: int,
    sections: int,
    offset: int,
    low: int,
    high: int,
) -> int:
    """JetOpenFileSectionInstance (jetapi.cxx:17672)."""
    api, file = CALLS["JetOpenFileSectionInstance"], interface.path(text, name)
    call = SectionCall(api, instance, file, offset, signed(sections))
    return _opened(interface, call, handle, low, high)


def reader(interface: Interface) -> Callable[[int, int, int, int, int], int]:
    """Return JetReadFileInstance (jetapi.cxx:17755); a read made again costs little more than its copy."""
    process, api = interface.process, CALLS["JetReadFileInstance"]

    def read_file(instance: int, file: int, pv: int, cb: int, pcb: int) -> int:
        again = process.last_read
        if again is None or again.handle != instance or again.size != cb:
            again = found_again(process, instance, cb)
        if again is not None and not file:
            target: Target | None = again.target
            if target is None or target[0] != pv or target[1] != pcb:
                target = again.target = _target(pv, cb, pcb)
            if target is not None and (pages := again.take()) is not None:
                target[2][:] = pages
                target[3].value = cb
                return 0
        return _read(interface, api, instance, file, pv, cb, pcb)

    return read_file


def _target(pv: int, cb: int, pcb: int) -> Target | None:
    """Return where a read stores its bytes and how many they are, by address, None where pages are not read to."""
    if not pv or pv % PAGE:
        return None
    return pv, pcb, view(pv, cb), c_uint32.from_address(pcb) if pcb else c_uint32()


def read_file_single(interface: Interface, text: None, file: int, pv: int, cb: int, pcb: int) -> int:
    """JetReadFile (jetapi.cxx:17790)."""
    return _read(interface, CALLS["JetReadFile"], 0, file, pv, cb, pcb)


def _read(interface: Interface, api: ApiCall, instance: int, file: int, pv: int, cb: int, pcb: int) -> int:
    call = ReadCall(api, instance, file, cb)
    if not pv or pv % PAGE:
        call.into_odd_buffer(misaligned=bool(pv % PAGE), no_buffer=not pv)
    error = interface.perform(call)
    if not error:
        delivery = call.result
        if delivery.size:
            interface.process.world.deliver(call.instance, delivery, view(pv, delivery.size))
        put_ulong(pcb, delivery.size)
    return error


# Lists of names.


class ShownList(ListCall):
    """A list whose names are kept as the caller gets them, so that sizes are those of what the caller sees."""

    def __init__(self, interface: Interface, text: Text, api: ApiCall, instance: int, size: int) -> None:
        super().__init__(api, instance, size)
        self._interface = interface
        self._text = text
        self._names: list[str] | None = None

    @property
    def result(self) -> list[str] | None:
        """The names, a character for each of the caller's."""
        return self._names

    @result.setter
    def result(self, names: list[str]) -> None:
        out, units = self._interface.paths.out, self._text.units
        self._names = [units(out(name)) for name in names]


def _listed(interface: Interface, text: Text, call: ShownList, buffer: int, actual: int) -> int:
    """Make the call and fill the buffer as far as the engine does."""
    call.no_buffer = not buffer
    error = interface.perform(call)
    if not error:
        if buffer:
            put(buffer, text.list_of(call.result or ())[: call.size_written])
        put_ulong(actual, call.size_needed or 0)
    elif buffer and call.rule is not None and call.rule.name == "ansi_list_too_long":
        put(buffer, fitting(text.list_of(call.result or ()), call.size_max or 0))
    return error


def _form(name: str, text: Text) -> ApiCall:
    """Return the row of the table for one form of a list."""
    return CALLS[f"{name}A" if text.width == 1 else name]


def lister(name: str) -> Handler:
    """Return the function of a list of names of an instance."""

    def names(interface: Interface, text: Text, instance: int, buffer: int, size: int, actual: int) -> int:
        call = ShownList(interface, text, _form(name, text), instance, size)
        return _listed(interface, text, call, buffer, actual)

    return names


def single_lister(name: str) -> Handler:
    """Return the function of a list of names of the only instance."""
    names = lister(name)
    return lambda interface, text, *rest: names(interface, text, 0, *rest)


def log_info(interface: Interface, text: Text, instance: int, buffer: int, size: int, actual: int, info: int) -> int:
    """JetGetLogInfoInstance2 (jetapi.cxx:17993): JET_LOGINFO has generations and base name; the W form ignores its size."""
    call = ShownList(interface, text, _form("JetGetLogInfoInstance2", text), instance, size)
    if info:
        call.info_size = ulong_at(info)
    error = _listed(interface, text, call, buffer, actual)
    if info and not error:
        assert call.instance is not None  # noqa: S101 - it was listed
        backup = call.instance.backup
        put_ulong(info + 4, backup.copy_low)
        put_ulong(info + 8, (backup.copy_high - 1) & 0xFFFFFFFF)
        put(info + 12, text.encode(call.instance.base_name)[: 4 * text.width])
    return error


# The engine's own backup.


def backup(interface: Interface, text: Text, instance: int, path: int, grbit: int, status: int) -> int:
    """JetBackupInstance (jetapi.cxx:17018)."""
    folder = interface.path(text, path)
    return interface.perform(
        BackupCall(CALLS["JetBackupInstance"], instance, folder, grbit, status_of(status, JET_snpBackup))
    )


def backup_single(interface: Interface, text: Text, path: int, grbit: int, status: int) -> int:
    """JetBackup (jetapi.cxx:17039)."""
    return interface.perform(
        BackupCall(CALLS["JetBackup"], 0, interface.path(text, path), grbit, status_of(status, JET_snpBackup))
    )


HANDLERS: Final[dict[str, Any]] = {
    "JetOpenFileInstance": open_file,
    "JetOpenFile": open_file_single,
    "JetOpenFileSectionInstance": open_section,
    "JetReadFile": read_file_single,
    "JetGetAttachInfoInstance": lister("JetGetAttachInfoInstance"),
    "JetGetAttachInfo": single_lister("JetGetAttachInfo"),
    "JetGetLogInfoInstance": lister("JetGetLogInfoInstance"),
    "JetGetLogInfo": single_lister("JetGetLogInfo"),
    "JetGetLogInfoInstance2": log_info,
    "JetGetTruncateLogInfoInstance": lister("JetGetTruncateLogInfoInstance"),
    "JetBackupInstance": backup,
    "JetBackup": backup_single,
}
"""By the name without A and W."""
