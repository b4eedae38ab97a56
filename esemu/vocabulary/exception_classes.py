# SPDX-License-Identifier: MIT
"""One subclass of `JetError` for each error of the engine, made when it is first asked for.

Making all 446 at once takes about 7 ms on CPython 3.11, more than the rest of `import esemu`; a program meets a dozen.
Hence a class comes into being by its name (`esemu.vocabulary.exceptions`) or its number (`exception_for`), with the
categories above it, and is kept. Until then there is only a row in `esemu.vocabulary.error_table`.
"""

from __future__ import annotations

from esemu.vocabulary.failures import JetError

# Pickles and tracebacks name the module that users import from.
_HOME = "esemu.vocabulary.exceptions"

# JET_ERR is a 32-bit signed integer.
_LOWEST = -(2**31)

_CLASSES: dict[str, type[JetError]] = {"JetError": JetError}
_BY_NUMBER: dict[int, type[JetError]] = {}


def exception_for(err: int) -> type[JetError]:
    """Return the exception class of an error number, the same one each time.

    A number that jethdr.w does not declare gets a class of its own directly below `JetError`, called for instance
    Undeclared12345Error, whose `name` is "JET_err? (-12345)". Raises ValueError for 0, for warnings (an engine returns
    them together with a result), and for what is no JET_ERR.
    """
    return _BY_NUMBER.get(err) or _make_numbered(err)


def class_named(name: str) -> type[JetError]:
    """Return the exception class with this name: a category, an error, or an undeclared number's.

    Raises KeyError if there is none.
    """
    known = _CLASSES.get(name)
    if known:
        return known
    from esemu.vocabulary.error_table import CATEGORIES, ERRORS  # noqa: PLC0415 - read when the first class is needed

    if name in CATEGORIES:
        parent, _, description = CATEGORIES[name]
        return _make(name, class_named(parent), {"summary": description})
    undeclared = _undeclared_number(name)
    if undeclared and undeclared not in ERRORS:
        return exception_for(undeclared)
    return exception_for({row[1]: err for err, row in ERRORS.items()}[name])


def class_names() -> list[str]:
    """Return the names of all declared exception classes, made or not, in alphabetical order."""
    from esemu.vocabulary.error_table import CATEGORIES, ERRORS  # noqa: PLC0415 - as above

    return sorted(["JetError", *CATEGORIES, *(row[1] for row in ERRORS.values())])


def _undeclared_number(name: str) -> int:
    """Return -12345 for "Undeclared12345Error", so that pickles of such an error can be read; 0 for any other name."""
    digits = name.removeprefix("Undeclared").removesuffix("Error")
    # Ten digits hold every JET_ERR, and int() takes no more than some thousands.
    if not digits.isdecimal() or len(digits) > 10:
        return 0
    err = -int(digits)
    return err if name == f"Undeclared{-err}Error" and err >= _LOWEST else 0


def _make_numbered(err: int) -> type[JetError]:
    """Make the class of an error that was not asked for before."""
    from esemu.vocabulary.error_table import ERRORS  # noqa: PLC0415 - as above

    if not _LOWEST <= err < 0:
        raise ValueError(f"{err} is no error of the engine: errors are negative 32-bit numbers")
    if err in ERRORS:
        name, class_name, category, paraphrase = ERRORS[err]
        parent, summary = class_named(category), f"{name} ({err}): {paraphrase}"
    else:
        name, class_name = f"JET_err? ({err})", f"Undeclared{-err}Error"
        parent, summary = JetError, f"{name}: jethdr.w declares no such error"
    made = _make(class_name, parent, {"err": err, "name": name, "summary": summary})
    return _BY_NUMBER.setdefault(err, made)


def _make(name: str, parent: type[JetError], attributes: dict[str, int | str]) -> type[JetError]:
    """Make a class and keep it; of two threads that do so at once, both get the first one's, so that `except` works."""
    made = type(name, (parent,), {"__module__": _HOME, "__doc__": f"{attributes['summary']}.", **attributes})
    return _CLASSES.setdefault(name, made)
