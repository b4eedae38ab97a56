# SPDX-License-Identifier: MIT
"""The clients of this folder: ten with a typical bug each, and one without.  All are functions `back_up(jet, inst)`.

A client returns the files of its backup, by their names, when it takes the backup for good; otherwise it raises.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import correct_client
import ignores_abort
import ignores_trailer
import leaks_handle
import no_end_after_error
import normal_end_after_abort
import retries_begin
import small_buffer
import stale_log_list
import truncates_first
import zero_is_no_handle

if TYPE_CHECKING:
    from collections.abc import Callable

    from esemu.faces.jet import Jet

    Client = Callable[[Jet, int], dict[str, bytes]]

CORRECT: Final[Client] = correct_client.back_up

BUGGY: Final[dict[str, Client]] = {
    module.__name__: module.back_up
    for module in (
        no_end_after_error,
        normal_end_after_abort,
        ignores_trailer,
        truncates_first,
        ignores_abort,
        leaks_handle,
        small_buffer,
        retries_begin,
        stale_log_list,
        zero_is_no_handle,
    )
}
"""The clients with a bug, by the names of their modules."""

CODES: Final = {
    "no_end_after_error": "ESB101",
    "normal_end_after_abort": "ESB105",
    "ignores_trailer": "ESB110",
    "truncates_first": "ESB113",
    "ignores_abort": "ESB120",
    "leaks_handle": "ESB102",
    "small_buffer": "ESB106",
    "retries_begin": "ESB121",
    "stale_log_list": "ESB111",
    "zero_is_no_handle": "ESB103",
}
"""The bug of each, by the code of the contract check that it breaks."""
