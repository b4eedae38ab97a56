# SPDX-License-Identifier: MIT
"""Logs of a set are kept by their names: a bit each, in the order of their generations whatever that of the files is."""

import pickle
from random import Random

from esemu.formats.verification.files import FileInMemory, FileOnDisk
from esemu.formats.verification.saved_logs import SavedLogs, named_log


def logs_of(*names: str) -> SavedLogs:
    """Return logs that lie on the disk of the host under these names."""
    logs = SavedLogs()
    for name in names:
        log = named_log(FileOnDisk(name, f"/host/{name}"), name)
        assert log is not None
        logs.add(log)
    return logs


def test_logs_come_in_the_order_of_their_generations() -> None:
    """Those of one generation come in that of their names, and every file is the one that was added."""
    names = ["edb0000A.log", "b/EDB00009.LOG", "edb00009.log", "edb0000b.log", "E010000000C.jtx", "a/edb00009.log"]
    logs = logs_of(*names)
    in_memory = named_log(FileInMemory("edb00002.log", b""), "edb00002.log")
    assert in_memory is not None
    logs.add(in_memory)
    order = ["edb00002.log", "a/edb00009.log", "b/EDB00009.LOG", "edb00009.log", *names[:1], "edb0000b.log", names[4]]
    assert [log.file.name for log in logs] == order
    assert [log.generation for log in logs] == [2, 9, 9, 9, 10, 11, 12]
    assert [str(log.file.path) for log in logs if isinstance(log.file, FileOnDisk)] == [f"/host/{n}" for n in order[1:]]
    assert sorted(log.file.name for log in logs.of(9)) == sorted([names[1], names[2], names[5]])
    assert [log.file.name for log in logs.of(2)] == ["edb00002.log"]
    assert (logs.added, len(logs), logs.bases) == (7, 7, {"edb", "e01"})


def test_logs_of_some_base_names_are_kept() -> None:
    """Others are taken out and counted, whether they are in memory or not."""
    logs = logs_of("edb00001.log", "app00001.log", "app00002.log", "APP00003.LOG")
    log = named_log(FileInMemory("app00009.log", b""), "app00009.log")
    assert log is not None
    logs.add(log)
    assert [log.generation for log in logs.with_base("app")] == [1, 2, 3, 9]
    assert logs.keep({"edb"}) == 4
    assert [log.file.name for log in logs] == ["edb00001.log"]


def test_a_name_that_is_written_in_a_way_of_its_own() -> None:
    """A log whose client never completed it keeps its name."""
    logs = SavedLogs()
    log = named_log(FileOnDisk("edb00001.log.partial", "/host/edb00001.log.partial"), "edb00001.log")
    assert log is not None
    logs.add(log)
    assert [log.file.name for log in logs] == ["edb00001.log.partial"]


def test_a_log_costs_a_bit() -> None:
    """What is kept of 10,000 logs, found in no order, would not hold the names of a thousand."""
    generations = list(range(1, 10_001))
    Random(1).shuffle(generations)
    logs = logs_of(*(f"edb{generation:05X}.log" for generation in generations))
    assert len(pickle.dumps(logs)) < 5000
    assert [log.generation for log in logs] == sorted(generations)
