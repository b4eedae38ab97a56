# SPDX-License-Identifier: MIT
"""`grbit_names`: a grbit is written with the names that its function gives the bits."""

import pytest
from hypothesis import given, strategies as st

from esemu.vocabulary.grbit_names import grbit_names
from esemu.vocabulary.grbits import GROUPS


@pytest.mark.parametrize(
    ("group", "value", "text"),
    [
        ("backup_begin", 0x1, "JET_bitBackupIncremental"),
        ("backup_begin", 0x81, "JET_bitBackupIncremental | 0x80"),
        ("backup_begin", 0x5, "JET_bitBackupIncremental | JET_bitBackupAtomic"),
        ("backup_begin", 0xC00, "0xc00"),
        ("backup_begin", 0, "0"),
        ("backup_end", 0x1, "JET_bitBackupEndNormal"),
        ("stopservice", 0, "JET_bitStopServiceAll"),
        ("stopservice", 0x2, "JET_bitStopServiceBackgroundUserTasks"),
        ("stopservice", -0x80000000, "JET_bitStopServiceResume"),
        ("detach", 0x1, "JET_bitForceDetach"),
        ("detach", 0x2, "0x2"),
        ("detach", 0x3, "JET_bitForceCloseAndDetach"),
        ("attach_open", 0x2, "JET_bitDbExclusive"),
    ],
)
def test_names_of_a_value(group: str, value: int, text: str) -> None:
    """Named bits come by name, the others as one number, and all of them are there."""
    assert grbit_names(group, value) == text


@given(group=st.sampled_from(sorted(GROUPS)), value=st.integers(0, 0xFFFFFFFF))
def test_the_text_is_the_value(group: str, value: int) -> None:
    """Whatever the bits, the names and the rest add up to the value, and no bit is named twice."""
    parts = grbit_names(group, value).split(" | ")
    numbers = [GROUPS[group][part] if part.startswith("JET_") else int(part, 0) for part in parts]
    assert sum(numbers) == value


def test_an_unknown_group_is_refused() -> None:
    """A wrong group is a mistake of the program, and the answer lists the right ones."""
    with pytest.raises(LookupError, match="backup_begin"):
        grbit_names("backup", 1)
