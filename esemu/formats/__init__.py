# SPDX-License-Identifier: MIT
"""ESE's file formats: checksums, database headers, what a backup reads, log files and the checkpoint file.

Nothing is imported here, so that each part costs only those who ask for it. All integers in the files are little-endian.
"""
