# SPDX-License-Identifier: MIT
"""The exceptions: their categories, names and numbers, their messages, and what becomes of them when pickled."""

import ast
import builtins
import copy
import multiprocessing.reduction
import pickle
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from esemu.vocabulary import errors, exception_classes, exceptions
from esemu.vocabulary.error_table import CATEGORIES, ERRORS
from esemu.vocabulary.exceptions import EsemuError, JetError, exception_for

STUB = Path(exceptions.__file__).with_suffix(".pyi")


class Refused:
    """An occurrence that can be pickled."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.asked = 0

    def describe(self) -> str:
        """Return the text and count."""
        self.asked += 1
        return self.text


class Alive(Refused):
    """An occurrence that holds a lock, as a running engine does, and cannot be pickled."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.lock = threading.Lock()


def test_an_error_is_caught_by_its_class() -> None:
    """What `exception_for` returns for -801 is the class that users import."""
    assert exception_for(errors.JET_errBackupAbortByServer) is exceptions.BackupAbortByServerError
    assert exceptions.BackupAbortByServerError.err == -801
    assert exceptions.BackupAbortByServerError.name == "JET_errBackupAbortByServer"


@pytest.mark.parametrize(
    ("name", "ancestors"),
    [
        ("BackupAbortByServerError", ["OperationError", "JetError", "EsemuError"]),
        ("NoBackupError", ["StateError", "ApiError", "JetError", "EsemuError"]),
        ("InvalidParameterError", ["UsageError", "ApiError", "JetError", "EsemuError"]),
        ("OutOfMemoryError", ["JetMemoryError", "ResourceError", "OperationError", "JetError", "EsemuError"]),
        ("LogDiskFullError", ["DiskError", "ResourceError", "OperationError", "JetError", "EsemuError"]),
        ("DiskIOError", ["JetIOError", "OperationError", "JetError", "EsemuError"]),
        ("ReadVerifyFailureError", ["CorruptionError", "DataError", "JetError", "EsemuError"]),
        ("DatabaseDirtyShutdownError", ["InconsistentError", "DataError", "JetError", "EsemuError"]),
        ("RfsFailureError", ["ObsoleteError", "ApiError", "JetError", "EsemuError"]),
        ("PreviousVersionError", ["JetError", "EsemuError"]),
    ],
)
def test_categories(name: str, ancestors: list[str]) -> None:
    """An exception stands where ManagedEsent puts it, so a whole category can be caught."""
    chain = [ancestor.__name__ for ancestor in getattr(exceptions, name).__mro__]
    assert chain == [name, *ancestors, "Exception", "BaseException", "object"]


@pytest.mark.parametrize("err", ERRORS)
def test_every_error_has_a_class(err: int) -> None:
    """The class of each declared error has its number, its name and its message."""
    name, class_name, _, meaning = ERRORS[err]
    raised = exception_for(err)
    assert raised is getattr(exceptions, class_name)
    assert (raised.err, raised.name, raised.__name__) == (err, name, class_name)
    assert str(raised()) == f"{name} ({err}): {meaning}"
    assert raised.__module__ == "esemu.vocabulary.exceptions"


@pytest.mark.parametrize("err", [*ERRORS, -12345])
def test_every_error_survives_pickling(err: int) -> None:
    """Each error comes back from pickle with its class and its message."""
    back = pickle.loads(pickle.dumps(exception_for(err)("said before")))
    assert type(back) is exception_for(err)
    assert str(back) == "said before"


def test_a_fresh_process_reads_a_pickle() -> None:
    """A process that never met the class, not even of an undeclared number, makes it while it reads the pickle."""
    pickled = pickle.dumps([exception_for(-801)(), exception_for(-31337)()])
    code = f"import pickle; print([error.err for error in pickle.loads({pickled!r})])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert result.stdout.strip() == "[-801, -31337]"


def test_no_name_shadows_a_builtin() -> None:
    """`from esemu.vocabulary.exceptions import ...` never hides FileNotFoundError, IOError or MemoryError."""
    names = exception_classes.class_names()
    assert [name for name in names if hasattr(builtins, name)] == []
    assert {"JetFileNotFoundError", "JetIOError", "JetMemoryError"} <= set(names)


def test_names_are_unique() -> None:
    """No two errors, and no error and a category, share a class name."""
    names = [row[1] for row in ERRORS.values()] + list(CATEGORIES)
    assert len(set(names)) == len(names) == len(exception_classes.class_names()) - 1


def test_dir_lists_what_is_not_made_yet() -> None:
    """Completion in an interactive session offers every exception."""
    assert {row[1] for row in ERRORS.values()} | set(CATEGORIES) <= set(dir(exceptions))


def test_what_the_stub_imports_is_there() -> None:
    """Every name that the stub takes from elsewhere can be imported at run time too."""
    tree = ast.parse(STUB.read_text(encoding="utf-8"))
    names = [alias.name for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names]
    assert sorted(names) == sorted(vars(exceptions)["__all__"])
    assert [name for name in names if name not in vars(exceptions)] == []


def test_the_stub_lists_the_same_classes() -> None:
    """Type checkers see every class with the parent that it has at run time."""
    tree = ast.parse(STUB.read_text(encoding="utf-8"))
    seen = {node.name: ast.unparse(node.bases[0]) for node in tree.body if isinstance(node, ast.ClassDef)}
    made = {name: getattr(exceptions, name) for name in exception_classes.class_names() if name != "JetError"}
    assert seen == {name: cls.__base__.__name__ for name, cls in made.items()}


@pytest.mark.parametrize(
    "name", ["NoSuchError", "JetBackup", "Undeclared801Error", "Undeclared012345Error", "Undeclared0Error"]
)
def test_other_names_are_no_attributes(name: str) -> None:
    """A name that is no exception is an AttributeError, as in any module."""
    with pytest.raises(AttributeError, match=name):
        getattr(exceptions, name)
    assert getattr(exceptions, "Undeclared99999999999Error", None) is None


def test_an_import_makes_no_class() -> None:
    """Importing the module reads no table and makes no class; that is what keeps `import esemu` fast."""
    code = (
        "import sys; from esemu.vocabulary.exceptions import JetError; "
        "print(JetError.__subclasses__(), 'esemu.vocabulary.error_table' in sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert result.stdout.strip() == "[] False"


@given(err=st.integers(-(2**31), -1))
def test_every_negative_number_can_be_raised(err: int) -> None:
    """Whatever negative JET_ERR is injected, there is one class for it that is caught as JetError."""
    raised = exception_for(err)
    assert raised is exception_for(err)
    assert issubclass(raised, JetError)
    assert raised.err == err
    assert str(err) in str(raised())


def test_an_undeclared_class_is_found_by_name() -> None:
    """The name of an undeclared number's class, as a pickle has it, leads to the class even before the number does."""
    assert getattr(exceptions, "Undeclared54321Error").err == -54321  # noqa: B009 - type checkers do not know it
    assert exception_for(-54321).__name__ == "Undeclared54321Error"


def test_an_undeclared_number_says_so() -> None:
    """The name of an undeclared error shows its number, and nobody takes it for one of the engine's."""
    raised = exception_for(-12345)
    assert raised.name == "JET_err? (-12345)"
    assert str(raised()) == "JET_err? (-12345): jethdr.w declares no such error"
    assert raised.__base__ is JetError
    assert exception_classes.class_named("Undeclared12345Error") is raised


@pytest.mark.parametrize("err", [0, 1, 801, 1007, -(2**31) - 1, 2**31])
def test_what_is_no_error_has_no_class(err: int) -> None:
    """Success and warnings are results, and no JET_ERR is wider than 32 bits."""
    with pytest.raises(ValueError, match=str(err)):
        exception_for(err)


def test_threads_get_one_class() -> None:
    """Threads that ask for the same number at once get the same class, so that `except` works in all of them."""
    err, found, start = -777_777, [], threading.Barrier(8)

    def ask() -> None:
        start.wait()
        found.append(exception_for(err))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert set(found) == {exception_for(err)}


def test_a_lost_race_keeps_the_first_class() -> None:
    """A thread that made a class second throws its own away."""
    first = exception_for(-801)
    assert exception_classes._make_numbered(-801) is first


def test_the_occurrence_is_asked_when_the_text_is_read() -> None:
    """Raising and catching an error describes nothing; reading its text does."""
    occurrence = Refused("JetReadFileInstance(handle=0): JET_errBackupAbortByServer (-801).")
    with pytest.raises(exceptions.BackupAbortByServerError) as caught:
        raise exception_for(-801)(occurrence)
    assert occurrence.asked == 0
    assert caught.value.occurrence is occurrence
    assert str(caught.value) == occurrence.text
    assert occurrence.asked == 1


def test_the_repr_makes_the_error_again() -> None:
    """The repr is the expression for an error with the same text."""
    assert repr(exception_for(-801)()) == "BackupAbortByServerError()"
    assert repr(exception_for(-801)(Refused("stopped"))) == "BackupAbortByServerError('stopped')"


def test_a_picklable_occurrence_is_kept() -> None:
    """An occurrence that can be pickled comes back as an object."""
    back = pickle.loads(pickle.dumps(exception_for(-801)(Refused("stopped"))))
    assert isinstance(back.occurrence, Refused)
    assert str(back) == "stopped"


def test_any_other_occurrence_becomes_text() -> None:
    """An occurrence that holds a lock is reduced to its text, so that a worker's error reaches its parent."""
    error = exception_for(-801)(Alive("stopped"))
    error.add_note("seen by worker 3")
    back = pickle.loads(multiprocessing.reduction.ForkingPickler.dumps(error))
    assert type(back) is type(error)
    assert back.occurrence == "stopped"
    assert back.__notes__ == ["seen by worker 3"]


def test_copies_share_the_occurrence() -> None:
    """A copy keeps the occurrence itself, though it cannot be pickled; a deep copy has notes of its own."""
    error = exception_for(-801)(Alive("stopped"))
    error.add_note("first")
    shallow, deep = copy.copy(error), copy.deepcopy(error)
    assert type(shallow) is type(deep) is type(error)
    assert shallow.occurrence is deep.occurrence is error.occurrence
    deep.add_note("second")
    assert error.__notes__ == ["first"]
    assert shallow.__notes__ == ["first"]


@pytest.mark.parametrize("name", ["UndefinedBehaviour", "NotEmulated", "WouldBlockForever"])
def test_what_no_engine_returns_is_no_jet_error(name: str) -> None:
    """A client that catches JetError never swallows what a real engine could not have returned."""
    raised = getattr(exceptions, name)
    assert issubclass(raised, EsemuError)
    assert not issubclass(raised, JetError)
    assert str(raised("because")) == "because"
    assert str(raised()) == raised.summary != EsemuError.summary
    assert repr(pickle.loads(pickle.dumps(raised(Alive("why"))))) == f"{name}('why')"


def test_categories_have_no_number() -> None:
    """A category is there to be caught: it has no number, and its text says what it gathers."""
    for name, (_, _, description) in CATEGORIES.items():
        category = getattr(exceptions, name)
        assert (category.err, category.name, str(category())) == (0, "", description)
