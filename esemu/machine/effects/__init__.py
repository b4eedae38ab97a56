# SPDX-License-Identifier: MIT
"""What calls change, as plain functions of a state and a call, grouped by what they touch."""
