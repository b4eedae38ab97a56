# SPDX-License-Identifier: MIT
"""An engine with one instance and two databases, and what the tests of the faces say again and again."""

import pytest

import esemu

MAIL = r"C:\data\mail.edb"
CALENDAR = r"C:\data\calendar.edb"


@pytest.fixture
def engine() -> esemu.Engine:
    """An emulated process."""
    return esemu.Engine()


@pytest.fixture
def inst(engine: esemu.Engine) -> esemu.Instance:
    """Its instance: logs 1 to 4 are archived, and the checkpoint stands in log 3."""
    return engine.start(databases={MAIL: 20, CALENDAR: 5}, generations=5, checkpoint=3)


@pytest.fixture
def reading(engine: esemu.Engine, inst: esemu.Instance) -> int:
    """The handle of a database that a full backup has open."""
    engine.jet.JetBeginExternalBackupInstance(inst, 0)
    return engine.jet.JetOpenFileInstance(inst, MAIL).handle
