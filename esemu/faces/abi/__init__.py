# SPDX-License-Identifier: MIT
"""The binary interface of the engine: exported functions that take raw integers and addresses, and return a JET_ERR.

`exports` has every function by its exported name.  The faces for ctypes (`esemu.faces.library`) and for C
(`esemu.faces.clib`) turn what their callers pass into integers, and nothing more.
"""
