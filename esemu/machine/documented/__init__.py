# SPDX-License-Identifier: MIT
"""The contract that the engine's reference pages promise, as a table of what it answers otherwise than the source.

An engine that was made with `contract="documented"` answers by it; any other never imports this package.
"""
