# SPDX-License-Identifier: MIT
"""The C types of arguments that are numbers or handles, by their width on a 64-bit Windows; any other is that of a pointer."""

from __future__ import annotations

from typing import Final

NARROW: Final = frozenset({"unsigned long", "long", "JET_GRBIT", "JET_DBID", "JET_COLUMNID"})
"""Those of 32 bits."""

WIDE: Final = frozenset(
    {
        "unsigned __int64",
        "JET_INSTANCE",
        "JET_SESID",
        "JET_TABLEID",
        "JET_HANDLE",
        "JET_OSSNAPID",
        "JET_API_PTR",
    }
)
"""Those of 64 bits."""

NUMBERS: Final = NARROW | WIDE

HANDLES: Final = frozenset({"JET_INSTANCE", "JET_SESID"})
"""Those of what the machine looks for the instance of a call by."""
