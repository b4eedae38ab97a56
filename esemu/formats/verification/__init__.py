# SPDX-License-Identifier: MIT
"""The verdict on a saved backup set: would the engine's restore take it, and if not, what is missing or damaged.

`checks` is the table of everything that must hold; the other modules look whether it does, and `verify` puts them in order.
"""
