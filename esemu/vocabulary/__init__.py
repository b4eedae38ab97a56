# SPDX-License-Identifier: MIT
"""What the public header of the engine, jethdr.w, declares, and what the engine calls its files.

Nothing is imported here, so that each part costs only those who ask for it. Modules whose first comment says so are
generated from the tables in tools/vocabulary by tools/vocabulary/generate.py.
"""
