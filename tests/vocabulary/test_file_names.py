# SPDX-License-Identifier: MIT
"""File names: what the engine calls its logs in each build, and which names it takes for logs."""

import pytest
from hypothesis import given, settings, strategies as st

from esemu.vocabulary.file_names import (
    CHECKPOINT_EXTENSION_NEW,
    LOG_EXTENSION_NEW,
    checkpoint_name,
    current_log_name,
    generation_of,
    generations_of,
    has_extension,
    log_name,
    log_names,
    reserve_log_name,
    temporary_log_name,
)


@pytest.mark.parametrize(
    ("generation", "eight_digits", "expected"),
    [
        (1, False, "edb00001.log"),
        (26, False, "edb0001A.log"),
        (0xFFFFF, False, "edbFFFFF.log"),
        (0x100000, False, "edb00100000.log"),
        (1, True, "edb00000001.log"),
        (0xFFFFF, True, "edb000FFFFF.log"),
        (0x7FFFF800, True, "edb7FFFF800.log"),
    ],
)
def test_log_names(generation: int, eight_digits: bool, expected: str) -> None:
    """Digits are upper-case hexadecimal; ESENT has five until they no longer suffice, ESE always eight."""
    assert log_name("edb", generation, eight_digits=eight_digits) == expected


@pytest.mark.parametrize("eight_digits", [False, True])
@pytest.mark.parametrize("first", [1, 0xFFFFE, 0x100000])
def test_names_of_a_range_are_those_of_its_logs(first: int, eight_digits: bool) -> None:
    """The names of many logs are the names of each, on both sides of the last one with five digits."""
    generations = range(first, first + 4)
    expected = [log_name("edb", each, eight_digits=eight_digits) for each in generations]
    assert list(log_names("edb", generations, eight_digits=eight_digits)) == expected


def test_other_names() -> None:
    """The other files of a log stream are named after its base name."""
    assert current_log_name("edb") == "edb.log"
    assert temporary_log_name("E00", LOG_EXTENSION_NEW) == "E00tmp.jtx"
    assert reserve_log_name("edb", 2) == "edbres00002.jrs"
    assert checkpoint_name("edb") == "edb.chk"
    assert checkpoint_name("E00", CHECKPOINT_EXTENSION_NEW) == "E00.jcp"


@given(st.integers(0, 0x7FFFFFFF), st.booleans(), st.sampled_from([".log", ".jtx"]))
def test_generations_are_read_back(generation: int, eight_digits: bool, extension: str) -> None:
    """Every name that is given to a log states its generation."""
    name = log_name("edb", generation, eight_digits=eight_digits, extension=extension)
    assert generation_of(name, "edb", extension) == generation
    assert generation_of(name.upper(), "edb", extension) == generation
    assert generation_of(name.lower(), "EDB", extension.upper()) == generation


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (r"C:\logs\edb0000a.log", 10),
        ("C:/logs.old/EDB0000A.LOG", 10),
        ("D:edb0000A.log", 10),
        ("edb00000.log", 0),
        ("edbFFFFFFFF.log", -1),
        ("edb80000000.log", -0x80000000),
    ],
)
def test_accepted_names(name: str, expected: int) -> None:
    """Paths, any case, generation 0 and numbers beyond a signed 32-bit integer are all taken (logutil.cxx:1915)."""
    assert generation_of(name, "edb") == expected


@pytest.mark.parametrize(
    "name",
    [
        "edb.log",
        "edbtmp.log",
        "edb1.log",
        "edb0001.log",
        "edb000001.log",
        "edb0000001.log",
        "edb000000001.log",
        "edb0000G.log",
        "edb+0001.log",
        "edb 0001.log",
        "edb0_001.log",
        "edb00001.jtx",
        "edb00001.log.bak",
        "edb00001",
        "edb00001log",
        "E0000001.log",
        "ed",
        "",
        r"edb00001.log\file",
    ],
)
def test_refused_names(name: str) -> None:
    """Another base, another extension, or other than five or eight digits is no log (JET_errInvalidParameter)."""
    assert generation_of(name, "edb") is None


NAMES = st.one_of(
    st.builds(
        "".join,
        st.tuples(
            st.sampled_from(["", "C:\\logs\\", "C:/logs/", "D:", "x", "\n", "C:\\edb00007.log\\"]),
            st.sampled_from(["edb", "EDB", "Edb", "ed", "e.b", "\u212a"]),
            st.text("0123456789abcdefABCDEFgG\u0663", max_size=9),
            st.sampled_from([".log", ".LOG", ".jtx", "log", ".log ", ".log\n", ".log.log"]),
        ),
    ),
    st.text(max_size=12),
)
LOGS = [log_name("edb", generation, eight_digits=False) for generation in range(200)]


@given(
    st.lists(NAMES, max_size=20),
    st.sampled_from(["edb", "EDB", "e.b", "k", "\u212a"]),
    st.sampled_from([".log", ".JTX"]),
)
@settings(max_examples=50)
def test_many_names_are_read_as_each_is(names: list[str], base: str, extension: str) -> None:
    """However many names there are, those of logs are the ones that are found one by one."""
    plain = [name for name in names if name.isascii() and "\n" not in name]
    for some in (names, [*names, *LOGS], [*plain, *LOGS]):
        assert generations_of(some, base, extension) == {generation_of(name, base, extension) for name in some} - {None}


def test_a_file_is_a_log_by_its_extension() -> None:
    """Opening a file asks for the extension alone before it asks for the generation (backup.cxx:2443)."""
    assert has_extension(r"C:\logs\EDBTMP.LOG", ".log")
    assert not has_extension("edb00001.pat", ".log")
    assert not has_extension(r"C:\x.log\edb", ".log")
