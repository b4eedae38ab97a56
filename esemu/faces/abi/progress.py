# SPDX-License-Identifier: MIT
"""Status callbacks of the caller, JET_PFNSTATUS, as the machine calls them."""

from __future__ import annotations

from ctypes import CFUNCTYPE, addressof, c_int32, c_uint32, c_uint64, c_void_p
from typing import TYPE_CHECKING, Any, Final

from esemu.vocabulary.choices import OPERATIONS

if TYPE_CHECKING:
    from collections.abc import Callable

    Status = Callable[..., Any]

JET_snpBackup: Final = OPERATIONS["JET_snpBackup"]
JET_snpCompact: Final = OPERATIONS["JET_snpCompact"]
JET_snpRestore: Final = OPERATIONS["JET_snpRestore"]

PROGRESS_SIZE: Final = 12
"""Bytes of a JET_SNPROG: cbStruct, cunitDone, cunitTotal."""

StatusCallback: Final = CFUNCTYPE(c_int32, c_uint64, c_uint32, c_uint32, c_void_p)
"""JET_PFNSTATUS: sesid, snp, snt, pv."""


def status_of(address: int, operation: int, session: int = 0) -> Status | None:
    """Return the status callback at an address, None for NULL; `operation` is its snp.

    It takes the snt and how many units are done of how many, and returns a JET_ERR.
    """
    if not address:
        return None
    function = StatusCallback(address)

    def status(snt: int, done: int, total: int = 100) -> int:
        progress = (c_uint32 * 3)(PROGRESS_SIZE, done, total)
        return int(function(session, operation, snt, addressof(progress)))

    return status
