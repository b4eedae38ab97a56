# SPDX-License-Identifier: MIT
"""`esemu demo`: three backups, of which the server stops the second."""

import re
import subprocess
from collections.abc import Callable


def test_the_story(python_m: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    """The stop comes from a second thread; the client closes and ends with success; the next backup completes."""
    result = python_m("demo")
    assert (result.returncode, result.stderr) == (0, "")
    first, second, third = result.stdout.split("\n\n")
    for complete in (first, third):
        assert "JetTruncateLogInstance() -> JET_errSuccess" in complete
        assert complete.rstrip().endswith("213: The backup ended well.")
        assert complete.count("-> JET_errSuccess") == complete.count(" -> ")
    assert re.search(
        r"\[thread 2\] JetStopBackupInstance\(\) -> JET_errSuccess\n"
        r".*\[thread 1\] JetReadFileInstance\(.*\) -> JET_errBackupAbortByServer\n"
        r".*\[thread 1\] JetCloseFileInstance\(.*\) -> JET_errSuccess\n"
        r".*\[thread 1\] JetEndExternalBackupInstance\(.*\) -> JET_errSuccess\n"
        r"The error says:\n"
        r"  JetReadFileInstance\(.*\): JET_errBackupAbortByServer \(-801\)\. .* stopped by call #26, JetStopBackupInstance\."
        r" Allowed now: JetCloseFileInstance, JetEndExternalBackupInstance\(2\)\. Rule: backup\.cxx:2706\n"
        r"The event log says:\n"
        r"  226: ",
        second,
    )


def test_the_story_is_always_the_same(python_m: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    """Two runs print the same, byte for byte."""
    assert python_m("demo").stdout == python_m("demo").stdout
