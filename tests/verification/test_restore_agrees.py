# SPDX-License-Identifier: MIT
"""The verdict and the emulated restore are of one mind: what the one refuses the other does, and what is clean goes through."""

import pytest
from damages import DAMAGES, Damage
from saved_sets import FIRST, LAST, Set, made_sets

import esemu

FOLDER, LOGS = "C:\\restored\\", "C:\\restored\\logs\\"


def restored(saved: Set, first: int = FIRST, last: int = LAST) -> int:
    """Restore a set on a server of its own, as a client does that remembers its generations; return the error or 0."""
    engine = esemu.Engine()
    for folder in (FOLDER, LOGS):
        engine.disk.create_folder(folder)
    for name, content in saved.items():
        engine.disk.write((LOGS if name.startswith("edb") else FOLDER) + name, content)
    databases = [(rf"C:\data0\{name}", FOLDER + name) for name in saved if name.endswith(".edb")]
    try:
        engine.jet.JetExternalRestore(FOLDER, FOLDER, databases, LOGS, first, last)
    except esemu.JetError as error:
        return error.err
    except esemu.NotEmulated:  # everything else was checked
        return 0
    return 0


@pytest.mark.parametrize("damaged", DAMAGES, ids=lambda damaged: damaged.__name__)
def test_what_a_restore_refuses_is_not_restorable(damaged: Damage) -> None:
    """A restore reads no page that redo does not touch, so it refuses less; but it never refuses what the verdict lets pass."""
    saved, _ = damaged(made_sets(4096))
    error = restored(saved)
    if error:
        verified = esemu.verify(saved)
        assert verified.verdict.value == "not restorable"
        # The client names the generations, and the engine opens them all; by the folder alone it would see no gap at the ends.
        missing = any(f"edb{generation:05X}.log" not in saved for generation in range(FIRST, LAST + 1))
        assert error in {finding.error for finding in verified.findings} | ({-1811} if missing else set())


def test_what_is_restorable_can_be_restored() -> None:
    """Intact sets go through, an incremental backup on top of its full one among them."""
    sets = made_sets(4096)
    assert restored(sets.whole) == 0
    assert restored(sets.later | sets.incremental, 8, 12) == 0
