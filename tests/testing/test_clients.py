# SPDX-License-Identifier: MIT
"""The backup clients of tests/clients do what their authors saw when they tried them: bugs of this kind hide."""

import pytest
from every_client import BUGGY, CORRECT

import esemu

MAIL = r"C:\data\mail.edb"
VISIBLE = {"leaks_handle", "small_buffer", "zero_is_no_handle"}
"""The bugs that show as soon as a client is tried on a server with two databases."""


@pytest.fixture
def engine() -> esemu.Engine:
    """Make an engine with a small instance."""
    return esemu.Engine()


@pytest.fixture
def inst(engine: esemu.Engine) -> esemu.Instance:
    """Start it."""
    return engine.start({MAIL: 100, r"C:\data\calendar.edb": 5})


def test_there_are_ten_bugs() -> None:
    """Ten clients have a bug."""
    assert len(BUGGY) == 10


def test_the_correct_client_saves_every_byte(engine, inst) -> None:
    """A backup has every database, header copies and trailer included, and every log."""
    files = CORRECT(engine.jet, inst)
    assert {name: len(content) for name, content in files.items()} == {
        MAIL: 103 * 4096,
        r"C:\data\calendar.edb": 8 * 4096,
        r"C:\logs\edb00001.log": 5 * 2**20,
    }


@pytest.mark.parametrize("name", sorted(BUGGY.keys() - VISIBLE))
def test_most_bugs_do_not_show(engine, inst, name) -> None:
    """A client with a bug returns the files of a backup on a server where nothing happens."""
    assert len(BUGGY[name](engine.jet, inst)) == 3


@pytest.mark.parametrize("name", sorted(VISIBLE))
def test_some_bugs_show(engine, inst, name) -> None:
    """A client that cannot get through one backup says so, and ends it."""
    with pytest.raises(esemu.JetError):
        BUGGY[name](engine.jet, inst)
    assert inst.phase == "not started"
