# SPDX-License-Identifier: MIT
"""Scenarios: worlds and calls as JSON lines, and the results of running them.

One case is one line, and so is its result.  The recordings of the engine's own code have the same format, so a run can
be compared with a recording call by call; docs/reference/scenarios.md describes it.
"""

from esemu.scenario.run import run_case, run_file, run_lines

__all__ = ["run_case", "run_file", "run_lines"]
