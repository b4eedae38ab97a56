# SPDX-License-Identifier: MIT
"""The exported functions about system parameters.

What esemu emulates depends on few of them.  Any other that the engine knows can be set, keeps its value, and has no effect:
programs set caches and limits before they do anything else.
"""

from __future__ import annotations

from ctypes import c_int32
from typing import TYPE_CHECKING, Any, Final

from esemu.faces.abi.memory import pointer_at, put, put_pointer, put_ulong, ulong_at
from esemu.machine.calls import CALLS
from esemu.machine.rules.parameters import CHARACTER, TEXT
from esemu.machine.shapes.instances import MultiInstanceCall, ParameterCall
from esemu.vocabulary.errors import (
    JET_errBufferTooSmall,
    JET_errFeatureNotAvailable,
    JET_errInvalidParameter,
    JET_errSuccess,
)
from esemu.vocabulary.exceptions import NotEmulated
from esemu.vocabulary.parameter_defaults import DEFAULTS
from esemu.vocabulary.parameters import (
    PARAMETERS,
    JET_paramAlternateDatabaseRecoveryPath,
    JET_paramCacheSize,
    JET_paramCacheSizeMin,
    JET_paramDatabasePageSize,
    JET_paramErrorToString,
    JET_paramKeyMost,
    JET_paramLogFileFailoverPath,
    JET_paramLVChunkSizeMost,
    JET_paramRBSFilePath,
)
from esemu.vocabulary.structures import STRUCTURES

if TYPE_CHECKING:
    from esemu.faces.abi.interface import Interface
    from esemu.faces.abi.text import Text

PATHS: Final = ("folder", "path")
"""Types of parameters that are paths."""

OTHER_FOLDERS: Final = frozenset(
    {JET_paramLogFileFailoverPath, JET_paramAlternateDatabaseRecoveryPath, JET_paramRBSFilePath}
)
"""Parameters without effect here that are folders (sysparamtable.g.cxx)."""

KEY_MOST: Final = {2048: 500, 4096: 1000, 8192: 2000}
"""Bytes that a key may have, by page size; beyond it is no more (jethdr.w)."""

_SETTING: Final = STRUCTURES["JET_SETSYSPARAM_W"]
_AT: Final = {field.name: field.offset for field in _SETTING.fields}


def set_parameter(
    interface: Interface, text: Text, pointer: int, session: int, paramid: int, number: int, string: int
) -> int:
    """JetSetSystemParameter (jetapi.cxx:20459): a parameter that is a string looks at szParam, any other at lParam."""
    handle = pointer_at(pointer) if pointer else 0
    value = _value(interface, text, paramid, number, string)
    if value is None:
        return JET_errInvalidParameter
    call = ParameterCall(CALLS["JetSetSystemParameter"], handle, session, paramid, value)
    try:
        return interface.perform(call)
    except NotEmulated:
        if isinstance(DEFAULTS.get(paramid), str):
            given = text.read(string) or ""
            interface.other_parameters[handle, paramid] = (
                interface.paths.into(given) or "" if paramid in OTHER_FOLDERS else given
            )
        else:
            interface.other_parameters[handle, paramid] = number
        return JET_errSuccess


def _value(interface: Interface, text: Text, paramid: int, number: int, string: int) -> int | str | None:
    """Return that one of the two values which the engine looks at."""
    parameter = PARAMETERS.get(paramid)
    if parameter is None or parameter.type not in TEXT:
        return number
    given = text.read(string)
    if given is None or parameter.type not in PATHS:
        return given
    return interface.paths.into(given or ".")  # no path is the current folder


def get_parameter(
    interface: Interface, text: Text, handle: int, session: int, paramid: int, number: int, string: int, size: int
) -> int:
    """JetGetSystemParameter (jetapi.cxx:20340, 5561): a string needs szParam and room, a number plParam."""
    if paramid == JET_paramErrorToString:
        return _error_text(text, number, string, size)
    room = size * CHARACTER // text.width if string else None
    call = ParameterCall(CALLS["JetGetSystemParameter"], handle, session, paramid, None, room)
    try:
        error = interface.perform(call)
        value = call.result
    except NotEmulated:
        others = interface.other_parameters
        found = others.get((handle, paramid), others.get((0, paramid), DEFAULTS.get(paramid)))
        if found is None:
            found = _computed(interface, paramid)
        if found is None:
            return JET_errFeatureNotAvailable  # nobody has set it, and what it is then depends on the machine
        error, value = JET_errSuccess, found
    if error:
        return error
    if not isinstance(value, str):
        put_pointer(number, value)
        return JET_errSuccess if number else JET_errInvalidParameter
    parameter = PARAMETERS.get(paramid)
    is_path = paramid in OTHER_FOLDERS or (parameter is not None and parameter.type in PATHS)
    data = text.encode(interface.paths.out(value) if is_path else value)
    if not string or len(data) > size:
        return JET_errBufferTooSmall if string else JET_errInvalidParameter
    put(string, data)
    return JET_errSuccess


def _computed(interface: Interface, paramid: int) -> int | None:
    """Return what a parameter says that nobody sets: keys and long values by the page size (jetapi.cxx:7250, 6032), the cache.

    There is no cache of pages, and it is as small as it may be.  None: any other parameter.
    """
    from esemu.world.rows import chunk_size  # noqa: PLC0415 - hardly ever

    page_size = int(interface.process.parameters[JET_paramDatabasePageSize])
    if paramid == JET_paramKeyMost:
        return KEY_MOST.get(page_size, max(KEY_MOST.values()))
    if paramid == JET_paramLVChunkSizeMost:
        return chunk_size(page_size)
    return int(DEFAULTS[JET_paramCacheSizeMin]) if paramid == JET_paramCacheSize else None


def _error_text(text: Text, number: int, string: int, size: int) -> int:
    """Tell the name and the meaning of the error at an address (jetapi.cxx:6391)."""
    from esemu.vocabulary.error_table import ERRORS, WARNINGS  # noqa: PLC0415 - a large table

    if not number or not string or not size:
        return JET_errInvalidParameter
    error = c_int32.from_address(number).value
    row = WARNINGS.get(error) or ERRORS.get(error) or ("Unknown Error", "Unknown Error")
    data = text.encode(f"{row[0]}, {row[-1]}")
    put(string, data if len(data) <= size else data[: size - text.width] + bytes(text.width))
    return JET_errSuccess if len(data) <= size else JET_errBufferTooSmall


def enable_multi_instance(interface: Interface, text: Text, array: int, count: int, succeeded: int) -> int:
    """JetEnableMultiInstance (jetapi.cxx:21135): each JET_SETSYSPARAM gets the error that it ended with."""
    if count and not array:
        return JET_errInvalidParameter
    entries = [array + place * _SETTING.size for place in range(count)]
    settings = []
    for entry in entries:
        paramid, number = ulong_at(entry + _AT["paramid"]), pointer_at(entry + _AT["lParam"])
        value = _value(interface, text, paramid, number, pointer_at(entry + _AT["sz"]))
        settings.append((paramid, number if value is None else value))
    call = MultiInstanceCall(CALLS["JetEnableMultiInstance"], 0, tuple(settings))
    error = interface.perform(call)
    for entry in entries[: call.succeeded]:
        put_ulong(entry + _AT["err"], JET_errSuccess)
    if error and call.succeeded < count:
        put_ulong(entries[call.succeeded] + _AT["err"], error & 0xFFFFFFFF)
    put_ulong(succeeded, call.succeeded)
    return error


HANDLERS: Final[dict[str, Any]] = {
    "JetSetSystemParameter": set_parameter,
    "JetGetSystemParameter": get_parameter,
    "JetEnableMultiInstance": enable_multi_instance,
}
"""By the name without A and W."""
