# SPDX-License-Identifier: MIT
"""The engine's state and its rules: what each call tests, in order, and what it changes.

`calls` is the table, `rules` holds the conditions it names, `effects` what it changes, `state` what it changes it in.
The machine knows no bytes, host files, threads or ctypes; `ports` says what it asks of the world around it.
"""
