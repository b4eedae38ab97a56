# SPDX-License-Identifier: MIT
"""What the public header of the engine, jethdr.w, declares: errors, grbits, parameters, structures and call signatures.

Nothing is imported here, so that each part costs only those who ask for it. Modules whose first comment says so are
generated from the tables in tools/vocabulary by tools/vocabulary/generate.py.
"""
