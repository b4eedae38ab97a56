# SPDX-License-Identifier: MIT
"""The system parameters: numbers, defaults, bounds and locks as in the engine's own table."""

import pytest

from esemu.vocabulary import parameters
from esemu.vocabulary.parameters import PARAMETERS


@pytest.mark.parametrize(
    ("name", "default", "ese_default"),
    [
        ("SystemPath", ".\\", ".\\"),
        ("LogFilePath", ".\\", ".\\"),
        ("TempPath", "tmp.edb", "tmp.edb"),
        ("BaseName", "edb", "edb"),
        ("EventSource", "", ""),
        ("EventSourceKey", "", ""),
        ("MaxSessions", 16, 16),
        ("MaxTemporaryTables", 20, 20),
        ("LogFileSize", 5120, 5120),
        ("CircularLog", 0, 0),
        ("Recovery", "on", "on"),
        ("NoInformationEvent", 0, 0),
        ("DeleteOutOfRangeLogs", 0, 0),
        ("DatabasePageSize", 4096, 4096),
        ("BackupChunkSize", 16, 16),
        ("BackupOutstandingReads", 8, 8),
        ("ZeroDatabaseDuringBackup", 0, 0),
        ("CleanupMismatchedLogFiles", 0, 0),
        ("OSSnapshotTimeout", 70000, 70000),
        ("Flight_EnableBackupDuringRecovery", 0, 0),
        ("CreatePathIfNotExist", 0, 0),
        ("OneDatabasePerSession", 0, 0),
        ("MaxInstances", 16, 16),
        ("EnableAdvanced", 1, 1),
        ("LegacyFileNames", 3, 1),
        ("AggressiveLogRollover", 0, 0),
        ("EnableShrinkDatabase", 0, 0),
        ("DisableVerifications", 0, 0),
    ],
)
def test_defaults(name: str, default: int | str, ese_default: int | str) -> None:
    """A parameter starts with the value that the build gives it."""
    parameter = PARAMETERS[getattr(parameters, f"JET_param{name}")]
    assert (parameter.default_in("esent"), parameter.default_in("ese")) == (default, ese_default)


def test_what_is_modelled() -> None:
    """The table holds 28 parameters, each under its own number."""
    assert len(PARAMETERS) == 28
    assert all(
        getattr(parameters, parameter.name) == number == parameter.id for number, parameter in PARAMETERS.items()
    )


@pytest.mark.parametrize(
    ("number", "facts"),
    [
        (0, ("folder", "instance", "after_init", False, 0, 246)),
        (1, ("path", "instance", "after_init", False, 0, 247)),
        (3, ("string", "instance", "after_init", False, 3, 3)),
        (5, ("integer", "instance", "after_init", True, 0, 30000)),
        (11, ("integer", "instance", "after_init", False, 64, 32768)),
        (17, ("boolean", "instance", "after_init", False, 0, None)),
        (64, ("block_size", "global", "after_mode", False, 4096, 32768)),
        (82, ("integer", "global", "never", False, 0, 2147483647)),
        (100, ("boolean", "instance", "never", False, 0, None)),
        (104, ("integer", "global", "after_mode", False, 1, 10240)),
        (130, ("boolean", "instance", "never", False, 0, None)),
        (136, ("grbit", "instance", "after_init", False, 0, 255)),
        (192, ("boolean", "instance", "never", True, 0, 1)),
    ],
)
def test_rules(number: int, facts: tuple[object, ...]) -> None:
    """Type, scope, lock and bounds are those of the engine's table."""
    found = PARAMETERS[number]
    assert (found.type, found.scope, found.locked, found.advanced, found.minimum, found.maximum) == facts


def test_defaults_keep_the_rules() -> None:
    """Every default is within the bounds of its parameter, as a value or as a number of characters."""
    for parameter in PARAMETERS.values():
        for default in (parameter.default, parameter.ese_default):
            assert isinstance(default, str) == (parameter.type in {"string", "folder", "path"})
            measured = len(default) if isinstance(default, str) else default
            assert parameter.minimum <= measured
            assert parameter.maximum is None or measured <= parameter.maximum


def test_numbers_beyond_the_table() -> None:
    """Parameters that are not modelled have their numbers, two names of 35 among them."""
    assert parameters.JET_paramConfigStoreSpec == 189
    assert parameters.JET_paramOnLineCompact == parameters.JET_paramEnableOnlineDefrag == 35
    assert 189 not in PARAMETERS


def test_the_repr_names_the_parameter() -> None:
    """A failing assert shows which parameter it was."""
    assert repr(PARAMETERS[104]) == "<Parameter JET_paramMaxInstances (104): integer, default 16>"
