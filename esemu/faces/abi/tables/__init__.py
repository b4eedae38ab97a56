# SPDX-License-Identifier: MIT
"""Tables in memory, enough of them for the set-up of a test of backups: columns, indexes, rows, and transactions that roll back.

They are no part of the emulated engine: nothing of them is in the pages of a database, no session is isolated from another,
and what a program does beyond what is here is not emulated.  They belong to a database by its signature, so that they are
there again when it is attached again; a restored one has the rows that its last log ends with.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from esemu.faces.abi.entered import EnteredSessionCall, of_session
from esemu.faces.abi.tables import (
    column_info,
    columns,
    described,
    enumeration,
    index_info,
    indexes,
    places,
    rows,
    table_info,
    temporary,
    values,
    whole,
)
from esemu.faces.abi.tables.store import AFTER
from esemu.machine.calls import ENTER_EXEMPT, ENTER_SESSION

if TYPE_CHECKING:
    from collections.abc import Callable

    from esemu.faces.abi.interface import Interface


def _entered(name: str, handler: Callable[..., int]) -> Callable[..., int]:
    """Return a handler that enters the API first, and lets no other thread in until it is done."""
    row = of_session(name, ENTER_EXEMPT if name == "JetCloseTable" else ENTER_SESSION)

    def called(interface: Interface, text: Any, session: int, *rest: int) -> int:
        return interface.perform(
            EnteredSessionCall(row, session, lambda call: handler(interface, text, session, *rest))
        )

    return called


HANDLERS: Final[dict[str, Any]] = {
    name: _entered(name, handler)
    for part in (
        whole,
        columns,
        indexes,
        described,
        temporary,
        table_info,
        column_info,
        index_info,
        places,
        rows,
        values,
        enumeration,
    )
    for name, handler in part.HANDLERS.items()
}
"""By the name without A and W."""

__all__ = ["AFTER", "HANDLERS"]
