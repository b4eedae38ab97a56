# SPDX-License-Identifier: MIT
"""The ways into the emulated engine."""
