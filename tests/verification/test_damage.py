# SPDX-License-Identifier: MIT
"""Each way in which a client can spoil a backup set is found and named, at every page size, and nothing else is found."""

import pytest
from damages import DAMAGES, Damage, Found
from rare_damages import RARE_DAMAGES
from saved_sets import Sets, made_sets

import esemu
from esemu.formats.verification.checks import CHECKS

pytestmark = pytest.mark.untraced  # it goes through very many pages

SOME_PAGE_SIZE = 16384
"""One at which a page states its number."""

FROM_THE_HOST = {"file-unreadable", "file-forbidden"}
"""Checks that no bytes can violate: test_bad_input does."""


@pytest.mark.parametrize("damaged", DAMAGES, ids=lambda damaged: damaged.__name__)
def test_damage_is_found_and_named(sets: Sets, damaged: Damage) -> None:
    """One damage gives exactly the findings that name it, and a set that is not restorable as it is."""
    saved, expected = damaged(sets)
    verified = esemu.verify(saved)
    assert [Found.of(finding) for finding in verified.findings] == expected, str(verified)
    accepted = all(finding.accepted for finding in verified.findings)
    assert verified.verdict.value == ("accepted but incomplete" if accepted else "not restorable")


def test_intact_sets_are_clean(sets: Sets) -> None:
    """Full backups are restorable, and so is an incremental one on top of its full one."""
    for saved in (sets.whole, sets.later, sets.other, sets.later | sets.incremental):
        verified = esemu.verify(saved)
        assert verified.restorable, str(verified)
        assert verified.findings == ()


@pytest.mark.parametrize("damaged", RARE_DAMAGES, ids=lambda damaged: damaged.__name__)
def test_rare_damage_is_found_and_named(damaged: Damage) -> None:
    """What takes more than a mistake of copying is found too."""
    test_damage_is_found_and_named(made_sets(SOME_PAGE_SIZE), damaged)


def test_every_check_is_violated_by_some_damage() -> None:
    """No check of the table is there for nothing."""
    sets = made_sets(SOME_PAGE_SIZE)
    found = {expected.code for damaged in (*DAMAGES, *RARE_DAMAGES) for expected in damaged(sets)[1]}
    assert found | FROM_THE_HOST == {check.code for check in CHECKS}
