# SPDX-License-Identifier: MIT
"""How a list of names fits the buffer of the caller: what pcbActual says, and how many bytes change.

The forms differ: JetGetAttachInfoW always tells the full size, the log lists in their W form tell how much they wrote,
and the A forms refuse a buffer that is too small (backup.cxx:2042, 3377; string.cxx:560).  A caller who takes a list of any
length gave no buffer that it could fit, and the W forms work nothing out for him.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from esemu.machine.rules.logs import ansi_size

if TYPE_CHECKING:
    from esemu.machine.shapes.backup import ListCall
    from esemu.machine.state import Instance


def fit_databases(instance: Instance, call: ListCall) -> None:  # noqa: ARG001 - an effect gets both
    """The list of databases: pcbActual is the size of all of it."""
    if call.size_max is None:
        return
    needed = 2 * ansi_size(call.result)
    call.size_needed = needed
    call.size_written = 0 if call.no_buffer else min(needed, call.size_max)


def fit_logs(instance: Instance, call: ListCall) -> None:  # noqa: ARG001 - an effect gets both
    """A list of logs: pcbActual is what was written, and the size of all of it only if there is no buffer."""
    if call.size_max is None:
        return
    needed = 2 * ansi_size(call.result)
    call.size_written = 0 if call.no_buffer else min(needed, call.size_max)
    call.size_needed = needed if call.no_buffer else call.size_written


def fit_ansi(instance: Instance, call: ListCall) -> None:  # noqa: ARG001 - an effect gets both
    """The A form: one byte a character, all or nothing."""
    call.size_needed = ansi_size(call.result)
    call.size_written = call.size_needed if not call.no_buffer and call.size_max != 0 else 0
