# SPDX-License-Identifier: MIT
"""The verdict itself: its three values, what it tells a person and a program, and that it is never too long."""

import esemu


def test_an_intact_set_is_restorable(whole) -> None:
    """Nothing is found in a set as a client saves it."""
    verified = esemu.verify(whole)
    assert verified.restorable
    assert verified.findings == ()
    assert str(verified).splitlines()[0] == "restorable"
    assert verified.as_dict()["verdict"] == "restorable"


def test_a_finding_has_the_engines_error_and_place(whole) -> None:
    """A finding is data: code, file, place, error, one line for a person, and where the engine looks."""
    del whole["edb00005.log"]
    verified = esemu.verify(whole)
    assert verified.verdict.value == "not restorable"
    [finding] = verified.as_dict()["findings"]
    assert finding == {
        "code": "log-missing",
        "file": "",
        "place": {"kind": "generation", "first": 5, "last": 5},
        "error": -1811,
        "error_name": "JET_errFileNotFound",
        "accepted": False,
        "message": "The log is missing.",
        "source": "logutil.cxx:284",
    }
