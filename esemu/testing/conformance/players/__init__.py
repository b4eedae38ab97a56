# SPDX-License-Identifier: MIT
"""Who plays the cases of a comparison, and how the calls of a case are made of a library."""
