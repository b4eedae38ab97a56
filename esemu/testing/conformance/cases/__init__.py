# SPDX-License-Identifier: MIT
"""The cases of a comparison, by their kinds; `every` gives them all."""
