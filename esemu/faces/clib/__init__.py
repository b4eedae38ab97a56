# SPDX-License-Identifier: MIT
"""A real libesent.so with the engine in it, for clients in C, C++, C# and whatever else loads a shared library.

`build` makes it, with the C compiler of the host and cffi (the extra `clib`); `start` is what runs inside of it.
"""
