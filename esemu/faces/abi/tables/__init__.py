# SPDX-License-Identifier: MIT
"""Tables in memory, enough of them for the set-up of a test of backups: columns, indexes, rows, and transactions that roll back.

They are no part of the emulated engine: nothing of them is in the pages of a database, no session is isolated from another,
and what a program does beyond what is here is not emulated.  They belong to a database by its signature, so that they are
there again when it is attached again; a restored one has the rows that its last log ends with.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from esemu.faces.abi.tables import (
    columns,
    described,
    enumeration,
    indexes,
    lists,
    places,
    rows,
    temporary,
    values,
    whole,
)
from esemu.faces.abi.tables.store import AFTER

if TYPE_CHECKING:
    from collections.abc import Callable

    from esemu.faces.abi.interface import Interface


def _alone(handler: Callable[..., int]) -> Callable[..., int]:
    """Return a handler that waits for other threads that use tables."""

    def called(interface: Interface, *arguments: Any) -> int:
        with interface.lock:
            return handler(interface, *arguments)

    return called


HANDLERS: Final[dict[str, Any]] = {
    name: _alone(handler)
    for part in (whole, columns, indexes, described, temporary, lists, places, rows, values, enumeration)
    for name, handler in part.HANDLERS.items()
}
"""By the name without A and W."""

__all__ = ["AFTER", "HANDLERS"]
