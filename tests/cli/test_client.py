# SPDX-License-Identifier: MIT
"""The client of the command line: whatever fails, and wherever, the backup is ended and the engine begins another."""

import contextlib
import errno
import io
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest

import esemu
from esemu.cli.client import ShortFileError, full_backup
from esemu.cli.progress import Silent, StopAfter
from esemu.vocabulary.errors import JET_errDiskIO, JET_errReadPgnoVerifyFailure, JET_errReadVerifyFailure
from esemu.vocabulary.parameters import JET_paramLogFileSize

MAIL, CALENDAR = r"C:\data\mail.edb", r"C:\data\calendar.edb"
CHUNK = 5 * 4096


class Memory:
    """A target in memory: what is complete, by name."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    @contextlib.contextmanager
    def create(self, name: str) -> Iterator[io.BytesIO]:
        """Keep the file if it was completed."""
        file = io.BytesIO()
        yield file
        self.files[name] = file.getvalue()


class Failing:
    """An API whose n-th call, not counting those that end a backup, raises instead of being made."""

    def __init__(self, jet: Any, number: int, error: BaseException) -> None:
        self._jet, self._left, self._error = jet, number, error
        self.failed = ""

    def __getattr__(self, name: str) -> Any:
        """Return the function, or one that raises."""
        function = getattr(self._jet, name)

        def call(*arguments: object) -> Any:
            if not name.startswith("JetEnd"):
                self._left -= 1
                if self._left == 0:
                    self.failed = name
                    raise self._error
            return function(*arguments)

        return call


class Disturbed(Silent):
    """A watch that does something after the first bytes of a file."""

    def __init__(self, name: str, action: Callable[[], object]) -> None:
        super().__init__()
        self._name, self._open = name, ""
        self._action: Callable[[], object] | None = action

    def opened(self, name: str, size: int) -> None:
        """Note which file it is."""
        self._open = name

    def delivered(self, count: int) -> None:
        """Act once."""
        if self._open.endswith(self._name) and self._action is not None:
            action, self._action = self._action, None
            action()


@pytest.fixture
def engine() -> esemu.Engine:
    """Return an engine."""
    return esemu.Engine()


@pytest.fixture
def inst(engine: esemu.Engine) -> esemu.Instance:
    """Return an instance with two databases, two logs to copy and one that may be deleted."""
    return engine.start(
        databases={MAIL: 10, CALENDAR: 7}, generations=3, checkpoint=2, parameters={JET_paramLogFileSize: 64}
    )


def calls(engine: esemu.Engine) -> list[str]:
    """Return the names of the calls in the trace."""
    return [call.api.name for call in engine.trace]


def assert_begins_another(engine: esemu.Engine, inst: esemu.Instance) -> None:
    """Assert that the engine has no backup any more, and completes the next one."""
    assert inst.phase == "not started"
    assert not full_backup(engine.jet, inst, Memory(), CHUNK, Silent())


def test_a_backup_holds_every_file(engine: esemu.Engine, inst: esemu.Instance) -> None:
    """Databases and logs are saved whole, under their names, and the logs are truncated before the end."""
    target = Memory()
    assert full_backup(engine.jet, inst, target, CHUNK, Silent()) == {}
    sizes = {name: len(content) for name, content in target.files.items()}
    assert sizes.pop("mail.edb") == 13 * 4096
    assert sizes.pop("calendar.edb") == 10 * 4096
    assert sizes == {"edb00002.log": 65536, "edb00003.log": 65536}
    assert calls(engine)[-2:] == ["JetTruncateLogInstance", "JetEndExternalBackupInstance"]


@pytest.mark.parametrize(
    "error",
    [esemu.exception_for(-1011)(), OSError(errno.ENOSPC, "disk full"), KeyboardInterrupt(), MemoryError()],
    ids=lambda error: type(error).__name__,
)
def test_whichever_call_fails_the_backup_is_ended(error: BaseException) -> None:
    """The first call fails, the second, the third, until the whole backup runs through: each time it is ended."""
    failed = set()
    for number in count(1):
        engine = esemu.Engine()
        inst = engine.start(databases={MAIL: 10}, parameters={JET_paramLogFileSize: 64})
        jet: Any = Failing(engine.jet, number, error)
        with contextlib.suppress(type(error)):
            full_backup(jet, inst, Memory(), CHUNK, Silent())
        assert_begins_another(engine, inst)
        if not jet.failed:
            break
        failed.add(jet.failed)
    assert failed == {
        "JetBeginExternalBackupInstance",
        "JetGetAttachInfoInstance",
        "JetOpenFileInstance",
        "JetReadFileInstance",
        "JetCloseFileInstance",
        "JetGetLogInfoInstance",
        "JetTruncateLogInstance",
    }


@pytest.mark.parametrize("amount", [*range(0, 25 * 4096, 3 * 4096), 23 * 4096])
def test_a_stop_at_any_time(engine: esemu.Engine, inst: esemu.Instance, amount: int) -> None:
    """A stopped backup raises the engine's error, is ended with success as such, and leaves no half of a file."""
    target = Memory()
    stop = StopAfter(Silent(), amount, lambda: engine.jet.JetStopBackupInstance(inst))
    with pytest.raises(esemu.BackupAbortByServerError):
        full_backup(engine.jet, inst, target, CHUNK, stop)
    assert calls(engine)[-1] == "JetEndExternalBackupInstance"
    assert list(engine.events)[-1].number == 226
    assert {len(content) for content in target.files.values()} <= {13 * 4096, 10 * 4096, 65536}
    assert_begins_another(engine, inst)


def test_the_stop_comes_once_and_from_another_thread(engine: esemu.Engine, inst: esemu.Instance) -> None:
    """JetStopBackupInstance is called once, by a thread that makes no other call."""
    stop = StopAfter(Silent(), 0, lambda: engine.jet.JetStopBackupInstance(inst))
    with pytest.raises(esemu.BackupAbortByServerError):
        full_backup(engine.jet, inst, Memory(), CHUNK, stop)
    (stopping,) = (call for call in engine.trace if call.api.name == "JetStopBackupInstance")
    assert stopping.thread not in {call.thread for call in engine.trace if call is not stopping}


def test_an_error_tells_of_the_moment_in_which_it_came(engine: esemu.Engine, inst: esemu.Instance) -> None:
    """The watch keeps the message from before the clean-up: at that time the file had to be closed."""
    watch = Silent()
    stop = StopAfter(watch, 1, lambda: engine.jet.JetStopBackupInstance(inst))
    with pytest.raises(esemu.BackupAbortByServerError) as raised:
        full_backup(engine.jet, inst, Memory(), CHUNK, stop)
    assert "Allowed now: JetCloseFileInstance, JetEndExternalBackupInstance(2)." in watch.message(raised.value)


@pytest.mark.parametrize("number", [JET_errReadVerifyFailure, JET_errReadPgnoVerifyFailure, JET_errDiskIO])
def test_a_damaged_database_is_left_out(engine: esemu.Engine, inst: esemu.Instance, number: int) -> None:
    """A page that cannot be read costs its database; the others are saved; no log is deleted for such a backup."""
    inst.faults.page(MAIL, 8, error=number)
    target = Memory()
    left_out = full_backup(engine.jet, inst, target, CHUNK, Silent())
    assert {name: error.err for name, error in left_out.items()} == {MAIL: number}
    assert "mail.edb" not in target.files
    assert len(target.files["calendar.edb"]) == 10 * 4096
    assert "JetTruncateLogInstance" not in calls(engine)
    assert calls(engine)[-1] == "JetEndExternalBackupInstance"
    assert inst.phase == "not started"


def test_a_damaged_log_ends_the_backup_by_itself(engine: esemu.Engine, inst: esemu.Instance) -> None:
    """The engine has ended the backup when a log is damaged, and the error that comes out is that of the log."""
    inst.faults.log(2)
    with pytest.raises(esemu.LogReadVerifyFailureError) as raised:
        full_backup(engine.jet, inst, Memory(), CHUNK, Silent())
    assert not hasattr(raised.value, "__notes__")
    assert inst.phase == "not started"


def test_a_short_file_is_no_backup(engine: esemu.Engine, inst: esemu.Instance) -> None:
    """A read that ends too early is noticed by counting, and the backup is aborted."""

    class Short:
        def __getattr__(self, name: str) -> Any:
            return (lambda *_: 0) if name == "JetReadFileInstance" else getattr(engine.jet, name)

    short: Any = Short()
    target = Memory()
    with pytest.raises(ShortFileError, match=r"mail\.edb: 0 of 53248 bytes"):
        full_backup(short, inst, target, CHUNK, Silent())
    assert target.files == {}
    assert calls(engine)[-1] == "JetEndExternalBackupInstance2"
    assert_begins_another(engine, inst)


@pytest.mark.parametrize("name", ["mail.edb", "edb00002.log"])
def test_a_full_disk_aborts_the_backup(engine: esemu.Engine, inst: esemu.Instance, name: str) -> None:
    """What goes wrong on the side of the client is told to the engine as an abort, whatever file it was."""

    def disk_full() -> None:
        raise OSError(errno.ENOSPC, "disk full")

    with pytest.raises(OSError, match="disk full"):
        full_backup(engine.jet, inst, Memory(), CHUNK, Disturbed(name, disk_full))
    assert calls(engine)[-2:] == ["JetCloseFileInstance", "JetEndExternalBackupInstance2"]
    assert list(engine.events)[-1].name == "STOP_BACKUP_ERROR_ABORT_BY_CALLER_INSTANCE_ID"
    assert_begins_another(engine, inst)


def test_an_end_that_fails_is_a_note_on_the_first_error(engine: esemu.Engine, inst: esemu.Instance) -> None:
    """A service that was stopped answers nothing: the first error comes out, and says that the end failed too."""
    watch = Disturbed("mail.edb", lambda: engine.jet.JetStopServiceInstance(inst))
    with pytest.raises(esemu.ClientRequestToStopJetServiceError) as raised:
        full_backup(engine.jet, inst, Memory(), CHUNK, watch)
    assert "JetReadFileInstance" in watch.message(raised.value)
    (note,) = raised.value.__notes__
    assert note.startswith("The backup could not be ended: JetEndExternalBackupInstance2")
