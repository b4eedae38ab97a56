# SPDX-License-Identifier: MIT
"""Every condition that a call tests, one function each: what it means, which error follows, where it was read.

A rule with one parameter looks at state alone; one with two looks at the call as well.  `source` is the file and line in
the engine's dev/ese/src/ese (microsoft/Extensible-Storage-Engine, commit 7030fe7) where the test stands.
"""
