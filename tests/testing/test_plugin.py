# SPDX-License-Identifier: MIT
"""The pytest plugin gives tests an engine of their own, and fails those whose clients broke a contract."""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from buggy_styles import BUGGY_STYLES
from correct_styles import CORRECT_STYLES
from every_client import BUGGY

pytest_plugins = ["pytester"]

CLIENTS = Path(__file__).parent.parent / "clients"
HEAD = "import esemu, pytest\nfrom every_client import BUGGY, CORRECT\nMAIL = r'C:\\data\\mail.edb'\n"


pytestmark = pytest.mark.usefixtures("plain_output")


@pytest.fixture
def suite(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Callable[..., pytest.RunResult]:
    """Return what runs a suite of tests and returns its result."""
    pytester.makeini(f"[pytest]\npythonpath = {CLIENTS}\nfilterwarnings = error\n")
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # other plugins take longer than the tests

    def run(tests: str, *arguments: str) -> pytest.RunResult:
        pytester.makepyfile(test_suite=HEAD + tests)
        return pytester.runpytest_inprocess("-p", "esemu.testing.plugin", "-p", "no:cacheprovider", *arguments)

    return run


def test_fixtures(suite) -> None:
    """There is one running instance with one database of 100 pages; engines are new for each test."""
    suite("""
def test_one(esemu_engine, esemu_instance):
    assert [(each.name, each.last_page) for each in esemu_instance.state.databases] == [(MAIL, 100)]
    assert esemu_engine.process.live() == [esemu_instance.state]
    CORRECT(esemu_engine.jet, esemu_instance)

def test_two(esemu_engine):
    assert esemu_engine.process.live() == []
    assert esemu_engine.process.build == "esent" and esemu_engine.process.contract == "source"
""").assert_outcomes(passed=2)


def test_marker(suite) -> None:
    """The marker says what engine and instance are like; what is nearest to a test wins."""
    suite("""
pytestmark = pytest.mark.esemu(page_size=8192, generations=3)

@pytest.mark.esemu(databases={r"C:\\a.edb": 7}, build="ese", contract="documented", generations=5, checkpoint=2)
def test_described(esemu_engine, esemu_instance):
    assert esemu_engine.process.build == "ese" and esemu_engine.process.contract == "documented"
    assert (esemu_engine.process.page_size, esemu_instance.generation, esemu_instance.checkpoint) == (8192, 5, 2)
    assert [each.name for each in esemu_instance.state.databases] == [r"C:\\a.edb"]

@pytest.mark.esemu(faults={"log_disk_full": True, "page": (MAIL, 3), "log": 2})
def test_faults(esemu_engine, esemu_instance):
    assert esemu_instance.faults.log_disk_full and esemu_instance.state.log.corrupt_generations == {2}
    assert esemu_instance.state.databases[0].faults is not None

@pytest.mark.esemu(faults=lambda inst: inst.roll_log(4))
def test_function(esemu_instance):
    assert esemu_instance.generation == 7
""").assert_outcomes(passed=3)


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (("--esemu-contract=both",), ["test_it[source]", "test_it[documented]"]),
        (("--esemu-build=both",), ["test_it[esent]", "test_it[ese]"]),
        (("--esemu-build=ese",), ["test_it"]),
        (
            ("--esemu-contract=both", "--esemu-build=both"),
            [f"test_it[{build}-{contract}]" for build in ("esent", "ese") for contract in ("source", "documented")],
        ),
        (("-o", "esemu_contract=both"), ["test_it[source]", "test_it[documented]"]),
        (("-o", "esemu_contract=both", "--esemu-contract=documented"), ["test_it"]),
    ],
)
def test_options(suite, arguments, names) -> None:
    """A suite runs under both contracts or builds with names that say so; the option wins over the setting."""
    result = suite("def test_it(esemu_engine): pass\ndef test_other(): pass\n", "-v", *arguments)
    result.assert_outcomes(passed=len(names) + 1)
    for name in names:
        result.stdout.fnmatch_lines([f"*::{name.replace('[', '[[]')} PASSED*"])


def test_a_marker_wins_over_the_option(suite) -> None:
    """A test that is about one contract runs under that one."""
    suite(
        "@pytest.mark.esemu(contract='documented')\n"
        "def test_it(esemu_engine): assert esemu_engine.process.contract == 'documented'\n",
        "--esemu-contract=both",
    ).assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("marker", "message"),
    [
        ("database=1", "test_suite.py::test_it: the marker esemu has no argument 'database'; it has build, checkpoint"),
        ("MAIL", "takes named arguments only"),
        ("contract='real'", "contract of the marker esemu is 'real'; it is one of 'source', 'documented' and 'both'"),
        ("build=7", "build of the marker esemu is 7"),
        ("expect='ESB999'", "expect of the marker esemu: there is no check 'ESB999'"),
        ("off=['x']", "off of the marker esemu: there is no check 'x'"),
        ("faults={'fire': 1}", "an instance has no fault 'fire'"),
    ],
)
def test_wrong_markers(suite, marker, message) -> None:
    """A marker that means nothing ends the run before any test, with a sentence that names the test and the mistake."""
    result = suite(f"@pytest.mark.esemu({marker})\ndef test_it(esemu_instance): pass\n")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert message in result.stderr.str() + result.stdout.str()


def test_a_marker_that_describes_no_instance(suite) -> None:
    """What only the start of an instance can find is told by the test."""
    result = suite("@pytest.mark.esemu(page_size=5)\ndef test_it(esemu_instance): pass\n")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*UsageError: the marker esemu describes no instance: page_size is 5*"])


@pytest.mark.parametrize("arguments", [("--esemu-contract=real",), ("-o", "esemu_build=real"), ("--esemu-off=ESB9",)])
def test_wrong_options(suite, arguments) -> None:
    """An option or setting with a value that there is not is refused, and says what there is."""
    result = suite("def test_it(esemu_engine): pass\n", *arguments)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert re.search(r"real|there is no check 'ESB9'", result.stderr.str() + result.stdout.str())


RUNS = {
    "stopped": """
    reads = 0
    def interposer(call, go_on):
        nonlocal reads
        reads += call.api.name == "JetReadFileInstance"
        if reads == 3:
            esemu_engine.jet.JetStopBackupInstance(esemu_instance)
        return go_on(call)
    from esemu.testing import interposed
    with interposed(esemu_engine, interposer):
        try: client(esemu_engine.jet, esemu_instance)
        except esemu.JetError: pass
""",
    "plain": """
    try: client(esemu_engine.jet, esemu_instance)
    except esemu.JetError: pass
""",
    "busy": """
    esemu_checks.server(esemu_engine.jet.JetBeginExternalBackupInstance, esemu_instance, 0)
    try: client(esemu_engine.jet, esemu_instance)
    except esemu.JetError: pass
""",
}
"""Tests of a client that are happy with whatever it does."""

FOUND = {
    "no_end_after_error": ("stopped", {"ESB101"}),
    "normal_end_after_abort": ("stopped", {"ESB105"}),
    "ignores_trailer": ("plain", {"ESB110"}),
    "truncates_first": ("plain", {"ESB113"}),
    "ignores_abort": ("stopped", {"ESB120"}),
    "leaks_handle": ("plain", {"ESB102"}),
    "small_buffer": ("plain", {"ESB106", "ESB108"}),
    "retries_begin": ("busy", {"ESB121"}),
    "stale_log_list": ("plain", {"ESB111"}),
    "zero_is_no_handle": ("plain", {"ESB103"}),
}
"""In which of these tests the bug of a client is found, and what it is called."""


def test_the_bug_of_every_client_is_found_and_named(suite, monkeypatch) -> None:
    """Under both contracts; the correct client passes the same tests."""
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    assert FOUND.keys() == BUGGY.keys()
    databases = (
        "@pytest.mark.esemu(databases={MAIL: 100, r'C:\\\\data\\\\calendar.edb': 5}, generations=3, checkpoint=2)\n"
    )
    head = "(esemu_engine, esemu_instance, esemu_checks):\n    client = "
    tests = [f"{databases}def test_{name}{head}BUGGY[{name!r}]{RUNS[how]}" for name, (how, _) in FOUND.items()]
    tests += [f"{databases}def test_correct_{how}{head}CORRECT{RUNS[how]}" for how in RUNS]
    result = suite("\n".join(tests), "--esemu-contract=both")
    result.assert_outcomes(passed=2 * len(RUNS), failed=2 * len(FOUND))
    assert codes_of(result) == {
        f"{name}[{each}]": codes for name, (_, codes) in FOUND.items() for each in ("source", "documented")
    }


def codes_of(result: pytest.RunResult) -> dict[str, set[str]]:
    """Return the codes in the report of each test that has failed."""
    report = result.stdout.str().split("= short test summary")[0]
    failures = re.split(r"^_+ test_(\w+\[\w+\]) _+$", report, flags=re.MULTILINE)
    return {
        test: set(re.findall(r"^(ESB\d+) ", text, re.MULTILINE))
        for test, text in zip(failures[1::2], failures[2::2], strict=True)
    }


FOUND_IN_STYLES = {
    "reader_that_dies": ("stopped", {"ESB105"}),
    "list_of_the_last_time": ("plain", {"ESB111", "ESB113"}),
    "reads_once_more": ("stopped", {"ESB104"}),
    "failure_in_the_log": ("busy", {"ESB118"}),
    "writer_without_an_end": ("plain", {"ESB122"}),
    "ended_by_somebody": ("plain", {"ESB123"}),
}
"""The same of the clients in other styles, which the test takes at their word."""


def test_bugs_in_other_styles_are_named(suite) -> None:
    """Under both contracts; correct clients, of VSS and of the engine's own backup too, pass the same tests."""
    assert FOUND_IN_STYLES.keys() == BUGGY_STYLES.keys()
    world = "@pytest.mark.esemu(databases={MAIL: 31}, generations=3, checkpoint=2)\n"
    head = "(esemu_engine, esemu_instance, esemu_checks):\n    client = partial(esemu_checks.run, "
    tests = [
        "from functools import partial",
        "from buggy_styles import BUGGY_STYLES",
        "from correct_styles import CORRECT_STYLES",
    ]
    for name, (how, _) in FOUND_IN_STYLES.items():
        tests.append(f"{world}def test_{name}{head}BUGGY_STYLES[{name!r}][0]){RUNS[how]}")
    for name in CORRECT_STYLES:
        tests += [f"{world}def test_{name}_{how}{head}CORRECT_STYLES[{name!r}]){RUNS[how]}" for how in RUNS]
    result = suite("\n".join(tests), "--esemu-contract=both")
    result.assert_outcomes(passed=2 * len(RUNS) * len(CORRECT_STYLES), failed=2 * len(FOUND_IN_STYLES))
    assert codes_of(result) == {
        f"{name}[{each}]": codes for name, (_, codes) in FOUND_IN_STYLES.items() for each in ("source", "documented")
    }


def test_what_failed_is_a_script(suite, tmp_path) -> None:
    """The report of a failed test has its calls as a script that runs, with the marker's faults in it."""
    result = suite("""
@pytest.mark.esemu(faults={"page": (MAIL, 3)})
def test_it(esemu_engine, esemu_instance):
    BUGGY["no_end_after_error"](esemu_engine.jet, esemu_instance)
""")
    result.assert_outcomes(failed=1)
    text = result.stdout.str()
    assert "\nESB101 backup-not-ended: " in text.split("esemu: broken contracts of the backup API", 1)[1]
    script = text.split("esemu: the calls, as a script", 1)[1].split("\n", 1)[1].split("\n====")[0].split("\n____")[0]
    assert "inst.faults.page('C:\\\\data\\\\mail.edb', 3)" in script
    assert "fails(-1018, jet.JetReadFileInstance, inst, 0, bytearray(65536))" in script
    subprocess.run([sys.executable, "-c", script], check=True, cwd=tmp_path)


def test_expected_findings(suite) -> None:
    """A test that expects what it finds passes; one that expects what does not happen fails."""
    result = suite("""
@pytest.mark.esemu(expect=["log-not-copied"])
def test_marked(esemu_engine, esemu_instance):
    BUGGY["stale_log_list"](esemu_engine.jet, esemu_instance)

def test_said(esemu_engine, esemu_instance, esemu_checks):
    esemu_checks.expect("ESB111")
    BUGGY["stale_log_list"](esemu_engine.jet, esemu_instance)
    assert [each.code for each in esemu_checks.findings()] == ["ESB111"]

@pytest.mark.esemu(expect="ESB101")
def test_in_vain(esemu_engine, esemu_instance):
    CORRECT(esemu_engine.jet, esemu_instance)
""")
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["ESB101 backup-not-ended: it was expected, and did not happen."])


def test_fixtures_may_end_what_a_test_has_begun(suite) -> None:
    """What is left open waits until the fixtures are torn down; whatever else is wrong by then fails the test itself."""
    result = suite("""
from contextlib import ExitStack

@pytest.fixture
def backup(esemu_engine, esemu_instance):
    esemu_engine.jet.JetBeginExternalBackupInstance(esemu_instance)
    yield
    esemu_engine.jet.JetEndExternalBackupInstance2(esemu_instance, 2)

@pytest.fixture
def stack():
    with ExitStack() as stack: yield stack

def test_in_a_backup(esemu_engine, esemu_instance, backup):
    assert esemu_engine.jet.JetGetAttachInfoInstance(esemu_instance) == [MAIL]

def test_stack(esemu_engine, stack, esemu_instance):
    stack.callback(esemu_engine.jet.JetEndExternalBackupInstance2, esemu_instance, 2)
    esemu_engine.jet.JetBeginExternalBackupInstance(esemu_instance)

def test_finalizer(esemu_engine, esemu_instance, request):
    request.addfinalizer(lambda: esemu_engine.jet.JetEndExternalBackupInstance2(esemu_instance, 2))
    esemu_engine.jet.JetBeginExternalBackupInstance(esemu_instance)

class TestOld:
    def teardown_method(self):
        self.jet.JetEndExternalBackupInstance2(self.inst, 2)

    def test_method(self, esemu_engine, esemu_instance):
        self.jet, self.inst = esemu_engine.jet, esemu_instance
        self.jet.JetBeginExternalBackupInstance(self.inst)

def test_not_ended_by_anybody(esemu_engine, esemu_instance, stack, tmp_path):
    esemu_engine.jet.JetBeginExternalBackupInstance(esemu_instance)

def test_unread(esemu_engine, esemu_instance, backup):
    esemu_engine.jet.JetReadFileInstance(esemu_instance, 0, bytearray(5))

def test_not_ended(esemu_engine, esemu_instance, tmp_path, monkeypatch, capsys):
    esemu_engine.jet.JetBeginExternalBackupInstance(esemu_instance)
""")
    result.assert_outcomes(passed=5, failed=2, errors=1)
    result.stdout.fnmatch_lines(["*ERROR at teardown of test_not_ended_by_anybody*", "ESB101 backup-not-ended:*"])
    result.stdout.fnmatch_lines(["*_ test_not_ended _*", "ESB101 backup-not-ended:*"])


def test_an_expected_failure(suite) -> None:
    """A test that is marked with `xfail` may fail for a broken contract, and has to."""
    suite("""
pytestmark = pytest.mark.xfail(strict=True)

def test_broken(esemu_engine, esemu_instance):
    BUGGY["stale_log_list"](esemu_engine.jet, esemu_instance)

def test_good(esemu_engine, esemu_instance):
    CORRECT(esemu_engine.jet, esemu_instance)
""").assert_outcomes(xfailed=1, failed=1)


def test_engines_are_dropped(suite) -> None:
    """Nothing is kept of an engine when its test is over."""
    suite("""
import gc, weakref
ENGINES = []

def test_one(esemu_engine, esemu_instance):
    CORRECT(esemu_engine.jet, esemu_instance)
    ENGINES.append(weakref.ref(esemu_engine))

def test_two():
    gc.collect()
    assert [each() for each in ENGINES] == [None]
""").assert_outcomes(passed=2)


@pytest.mark.parametrize("arguments", [("--esemu-off=ESB111",), ("-o", "esemu_off=log-not-copied ESB101")])
def test_checks_can_be_off(suite, arguments) -> None:
    """For a suite by an option or a setting, for a test by the marker or in it."""
    suite(
        "def test_it(esemu_engine, esemu_instance): BUGGY['stale_log_list'](esemu_engine.jet, esemu_instance)",
        *arguments,
    ).assert_outcomes(passed=1)
    suite("""
@pytest.mark.esemu(off="ESB111")
def test_marked(esemu_engine, esemu_instance):
    BUGGY["stale_log_list"](esemu_engine.jet, esemu_instance)

def test_said(esemu_engine, esemu_instance, esemu_checks):
    esemu_checks.off("log-not-copied")
    BUGGY["stale_log_list"](esemu_engine.jet, esemu_instance)
""").assert_outcomes(passed=2)


def test_clients_that_are_taken_at_their_word(suite) -> None:
    """`run` lets a client report success by returning, and failure by raising."""
    result = suite("""
def gives_up(jet, inst, *, report):
    jet.JetBeginExternalBackupInstance(inst)
    jet.JetGetAttachInfoInstance(inst)
    jet.JetEndExternalBackupInstance(inst)
    if report:
        raise OSError("the disk is full")
    return "good"

def test_honest(esemu_engine, esemu_instance, esemu_checks):
    with pytest.raises(OSError):
        esemu_checks.run(gives_up, esemu_engine.jet, esemu_instance, report=True)

def test_dishonest(esemu_engine, esemu_instance, esemu_checks):
    assert esemu_checks.run(gives_up, esemu_engine.jet, esemu_instance, report=False) == "good"
""")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["ESB109 database-not-copied:*"])


def test_an_endless_retry_ends(suite, monkeypatch) -> None:
    """A client that begins for ever is stopped; the engine goes on for whoever cleans up after it."""
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    result = suite("""
def test_it(esemu_engine, esemu_instance, esemu_checks):
    jet = esemu_engine.jet
    esemu_checks.server(jet.JetBeginExternalBackupInstance, esemu_instance)
    with pytest.raises(BaseException, match="refused 200 times in a row"):
        BUGGY["retries_begin"](jet, esemu_instance)
    esemu_checks.expect("ESB121")
    jet.JetEndExternalBackupInstance2(esemu_instance, 2)
    CORRECT(jet, esemu_instance)
    numbers = [call.number for call in esemu_engine.trace]
    assert numbers == sorted(set(numbers))
""")
    result.assert_outcomes(passed=1)


def test_xdist_and_random_order(pytester) -> None:
    """Tests share nothing: with two workers and in any order they do what they do alone."""
    pytester.makeini(f"[pytest]\npythonpath = {CLIENTS}\nfilterwarnings = error\n")
    pytester.makepyfile(
        test_suite=HEAD
        + """
@pytest.mark.parametrize("number", range(4))
@pytest.mark.parametrize("name", ["correct", "stale_log_list"])
def test_it(esemu_engine, esemu_instance, esemu_checks, name, number):
    if name != "correct":
        esemu_checks.expect("ESB111")
    BUGGY.get(name, CORRECT)(esemu_engine.jet, esemu_instance)
    assert next(iter(esemu_engine.trace)).number == 1
""",
        conftest="""
import random
def pytest_collection_modifyitems(items):
    random.Random(7).shuffle(items)
""",
    )
    others = ("-p", "no:hypothesispytest", "-p", "no:pytest_fakefs")
    pytester.runpytest_subprocess(
        *others, "-p", "xdist", "-n", "2", "-W", "error", "--esemu-contract=both"
    ).assert_outcomes(passed=16)


def test_a_suite_without_esemu_imports_none_of_it(pytester) -> None:
    """The plugin alone is loaded, and the package that it lies in."""
    pytester.makepyfile("""
import sys

def test_it():
    loaded = {name for name in sys.modules if name.partition(".")[0] == "esemu"}
    assert loaded <= {"esemu", "esemu.testing", "esemu.testing.plugin"}, loaded
""")
    others = ("-p", "no:hypothesispytest", "-p", "no:pytest_fakefs")
    pytester.runpytest_subprocess(*others).assert_outcomes(passed=1)


def test_calls_of_threads_have_numbers_of_their_own(suite) -> None:
    """An engine of the plugin numbers the calls of several threads without giving a number twice."""
    suite("""
import sys, threading

def test_it(esemu_engine, esemu_instance):
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    def stop():
        for _ in range(1000):
            esemu_engine.jet.JetStopBackupInstance(esemu_instance)
    threads = [threading.Thread(target=stop) for _ in range(4)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
    sys.setswitchinterval(interval)
    numbers = [call.number for call in esemu_engine.trace]
    assert len(numbers) == len(set(numbers)) > 4000
""").assert_outcomes(passed=1)
