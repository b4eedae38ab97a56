# SPDX-License-Identifier: MIT
"""Read faults: which attempts to read pages fail, and what is called meanwhile."""

import pytest
from hypothesis import given, strategies as st

from esemu.vocabulary.errors import JET_errDiskIO, JET_errReadVerifyFailure, JET_errSuccess
from esemu.world.faults import ALWAYS, ReadFaults


def test_without_faults_every_attempt_succeeds() -> None:
    """Nothing fails that was not arranged."""
    assert ReadFaults().check(1, 1000) == JET_errSuccess


@pytest.mark.parametrize("times", [0, 1, 3, 17])
def test_a_page_fails_a_number_of_times(times: int) -> None:
    """So many attempts fail with JET_errReadVerifyFailure, and then all succeed."""
    faults = ReadFaults()
    faults.fail(5, times)
    assert [faults.check(1, 8) for _ in range(20)] == [JET_errReadVerifyFailure] * times + [JET_errSuccess] * (
        20 - times
    )


def test_a_page_may_fail_always_and_with_any_error() -> None:
    """A fault without end, of any error, lasts until it is taken away; -1 is the number that recordings have for it."""
    assert ALWAYS == -1
    faults = ReadFaults()
    faults.fail(5, ALWAYS, JET_errDiskIO)
    assert {faults.check(5, 5) for _ in range(100)} == {JET_errDiskIO}
    faults.fail(5, 0)
    assert faults.check(5, 5) == JET_errSuccess


@pytest.mark.parametrize(("first", "last", "fails"), [(1, 4, False), (6, 9, False), (5, 5, True), (4, 6, True)])
def test_only_attempts_that_read_the_page_fail(first: int, last: int, fails: bool) -> None:
    """First and last page of the attempt both count."""
    faults = ReadFaults()
    faults.fail(5)
    assert (faults.check(first, last) != JET_errSuccess) is fails
    assert faults.check(first, last) == JET_errSuccess


@given(st.dictionaries(st.integers(1, 9), st.integers(1, 4), max_size=4))
def test_an_attempt_uses_up_its_first_faulty_page_only(times: dict[int, int]) -> None:
    """A range with several faulty pages fails as often as all of them together, in order of pages."""
    faults = ReadFaults()
    for pgno, count in times.items():
        faults.fail(pgno, count, -pgno)
    errors = [faults.check(1, 9) for _ in range(sum(times.values()))]
    assert errors == [-pgno for pgno in sorted(times) for _ in range(times[pgno])]
    assert faults.check(1, 9) == JET_errSuccess


def test_functions_are_called_while_their_page_is_read() -> None:
    """In order of pages, each once, and only when its page is read."""
    faults = ReadFaults()
    called: list[str] = []
    faults.on_page(7, lambda: called.append("7"))
    faults.on_page(3, lambda: called.append("3"))
    faults.on_page(3, lambda: called.append("3 again"))
    faults.on_page(9, lambda: called.append("9"))
    faults.check(1, 8)
    assert called == ["3", "3 again", "7"]
    faults.check(1, 9)
    assert called == ["3", "3 again", "7", "9"]


@pytest.mark.parametrize(("times", "called"), [(2, 2), (ALWAYS, 5)])
def test_a_function_may_be_called_at_several_attempts(times: int, called: int) -> None:
    """It is called at so many attempts, or at each."""
    faults = ReadFaults()
    calls: list[None] = []
    faults.on_page(3, lambda: calls.append(None), times=times)
    for _ in range(5):
        faults.check(1, 8)
    assert len(calls) == called


def test_the_whole_range_is_read_although_a_page_fails() -> None:
    """A function on a page behind a faulty one is called in the attempt that fails."""
    faults = ReadFaults()
    called: list[int] = []
    faults.fail(2)
    faults.on_page(6, lambda: called.append(6))
    assert faults.check(1, 8) == JET_errReadVerifyFailure
    assert called == [6]


def test_a_function_may_arrange_faults() -> None:
    """What is arranged while a page is read counts for that attempt."""
    faults = ReadFaults()
    faults.on_page(6, lambda: faults.fail(2))
    assert faults.check(1, 8) == JET_errReadVerifyFailure


def test_a_function_that_reads_again_is_not_called_again() -> None:
    """A function that was asked for once may itself cause a read of its page."""
    faults = ReadFaults()
    called: list[int] = []
    faults.on_page(6, lambda: called.append(faults.check(1, 8)))
    faults.check(1, 8)
    assert called == [JET_errSuccess]


def test_a_copy_is_used_up_alone() -> None:
    """Attempts on a copy leave the original as it was, functions included."""
    faults = ReadFaults()
    called: list[int] = []
    faults.fail(5, 2)
    faults.on_page(5, lambda: called.append(5), times=2)
    twin = faults.copy()
    for used in (twin, faults):
        assert [used.check(5, 5) for _ in range(3)] == [
            JET_errReadVerifyFailure,
            JET_errReadVerifyFailure,
            JET_errSuccess,
        ]
    assert len(called) == 4
