# SPDX-License-Identifier: MIT
"""What the engine's machine acts on: a virtual disk, contents of pages and logs, a clock, an event log, read faults.

Nothing here knows a rule of the engine, and nothing is imported here: a part costs only those who ask for it. Everything
belongs to the one emulated process that made it; what is shared between processes is constant.
"""
