# SPDX-License-Identifier: MIT
"""Tables in memory, enough of them for the set-up of a test of backups: columns, indexes, rows, and transactions that roll back.

They are no part of the emulated engine: nothing of them is in the pages of a database, no session is isolated from another,
and what a program does beyond what is here is not emulated.  They belong to a database by its signature, so that they are
there again when it is attached again; a restored one has the rows that its last log ends with.
"""

from __future__ import annotations

from typing import Any, Final

from esemu.faces.abi.tables import definitions, lists, places, rows
from esemu.faces.abi.tables.store import AFTER

HANDLERS: Final[dict[str, Any]] = definitions.HANDLERS | lists.HANDLERS | places.HANDLERS | rows.HANDLERS
"""By the name without A and W."""

__all__ = ["AFTER", "HANDLERS"]
