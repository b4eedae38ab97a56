# SPDX-License-Identifier: MIT
"""Write a grbit as the names of its flags, for messages and traces."""

from __future__ import annotations

from esemu.vocabulary.grbits import GROUPS


def grbit_names(group: str, value: int) -> str:
    """Return for instance "JET_bitBackupIncremental | 0x80" for 0x81 of the group "backup_begin".

    A flag of several bits is named only if all of them are set; of two names for one value, the header's first is
    taken. Bits without a name in the group come last, as one hexadecimal number. No bits at all are the group's name
    for 0 if it has one, else "0". A negative value is read as the 32 bits that C would pass. Raises LookupError for an
    unknown group.
    """
    if group not in GROUPS:
        raise LookupError(f"no group of grbits is called {group!r}; there are {', '.join(GROUPS)}")
    names: list[str] = []
    rest = value & 0xFFFFFFFF
    # More bits first, so that JET_bitForceCloseAndDetach is not taken for JET_bitForceDetach and a nameless bit.
    for name, flag in sorted(GROUPS[group].items(), key=lambda entry: -entry[1].bit_count()):
        if (flag and flag & rest == flag) or (not flag and not rest and not names):
            names.append(name)
            rest &= ~flag
    if rest or not names:
        names.append(hex(rest) if rest else "0")
    return " | ".join(names)
