# SPDX-License-Identifier: MIT
"""Explain an error of the engine, given in whatever form somebody met it: name, number, hexadecimal, exception class.

The tables are imported by the first call, so that a program that only might ask pays nothing for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import attrs

if TYPE_CHECKING:
    from collections.abc import Mapping


@attrs.frozen
class Explanation:
    """What there is to know about an error, a warning, or success."""

    #: The name in jethdr.w, such as "JET_errBackupAbortByServer".
    name: str
    value: int
    #: A warning comes with a result; the one with a negative number, JET_wrnNyi, does not and counts as an error.
    kind: Literal["success", "warning", "error"]
    meaning: str
    #: From the widest category to the narrowest, such as ("Operation", "Resource", "Memory"); empty if it has none.
    categories: tuple[str, ...]
    #: The class in `esemu.vocabulary.exceptions`, or None for what is never raised.
    exception: str | None
    #: Further names that jethdr.w has for the number.
    aliases: tuple[str, ...]
    #: The functions whose reference pages list it, each with the condition given there, paraphrased.
    documented: Mapping[str, str]


def explain(error: str | int) -> Explanation:
    """Return what there is to know about an error.

    `error` is a number, -801 or "-801" or 0xFFFFFCDF, or a name in any case: JET_errBackupAbortByServer, with or
    without JET_ or JET_err, or the name of the exception class, here or in ManagedEsent. Where a name without its start
    is both an error and a warning, such as DataHasChanged, it means the error. Raises LookupError, with suggestions,
    for anything else.
    """
    from esemu.vocabulary.documented_returns import DOCUMENTED_RETURNS  # noqa: PLC0415 - see above
    from esemu.vocabulary.error_table import ALIASES, ERRORS, WARNINGS  # noqa: PLC0415 - see above

    value = _number(error)
    if value in ERRORS:
        name, exception, category, meaning = ERRORS[value]
    else:
        (name, category, meaning), exception = WARNINGS[value], None
    return Explanation(
        name=name,
        value=value,
        kind="error" if exception else "warning" if value else "success",
        meaning=meaning,
        categories=_path(category),
        exception=exception,
        aliases=tuple(alias for alias, number in ALIASES.items() if number == value),
        documented={function: errors[name] for function, errors in DOCUMENTED_RETURNS.items() if name in errors},
    )


def _number(error: str | int) -> int:
    """Return the declared number that is meant, or raise LookupError."""
    from esemu.vocabulary.error_table import ERRORS, WARNINGS  # noqa: PLC0415 - see above

    try:
        value = error if isinstance(error, int) else int(error, 0)
    except ValueError:
        return _number_of_name(str(error).strip())
    # Debuggers and event logs show the 32 bits without the sign.
    if 2**31 <= value < 2**32:
        value -= 2**32
    if value in ERRORS or value in WARNINGS:
        return value
    near = sorted({*ERRORS, *WARNINGS}, key=lambda known: min(abs(known - value), abs(known + value)))
    raise LookupError(f"jethdr.w declares no error {error}; {_suggestion(near[:3])}")


def _number_of_name(text: str) -> int:
    """Return the number of a name, or raise LookupError."""
    import difflib  # noqa: PLC0415 - needed for suggestions only

    from esemu.vocabulary.documented_returns import DOCUMENTED_RETURNS  # noqa: PLC0415 - see above

    spellings = _spellings()
    if text.casefold() in spellings:
        return spellings[text.casefold()]
    documenting = [function for function, errors in DOCUMENTED_RETURNS.items() if text in errors]
    close = difflib.get_close_matches(text.casefold(), spellings, n=6)
    near = list(dict.fromkeys(spellings[spelling] for spelling in close))
    promised = f" (though the pages of {', '.join(documenting)} document it)" if documenting else ""
    raise LookupError(f"jethdr.w declares no error {text!r}{promised}; {_suggestion(near[:3])}")


def _spellings() -> dict[str, int]:
    """Return every accepted spelling of every name, in lower case."""
    from esemu.vocabulary.error_table import ALIASES, ERRORS, WARNINGS  # noqa: PLC0415 - see above

    names = [(row[0], value) for table in (ERRORS, WARNINGS) for value, row in table.items()]
    spellings: dict[str, int] = {}
    for name, value in [*names, *ALIASES.items()]:
        stem = name.removeprefix("JET_err").removeprefix("JET_wrn")
        for spelling in (name, name.removeprefix("JET_"), stem, f"{stem}Error", f"Esent{stem}Exception"):
            spellings.setdefault(spelling.casefold(), value)
    spellings.update({row[1].casefold(): value for value, row in ERRORS.items()})
    return spellings


def _suggestion(values: list[int]) -> str:
    """Return the end of a message that lists what may have been meant."""
    from esemu.vocabulary.error_table import ERRORS, WARNINGS  # noqa: PLC0415 - see above

    names = [f"{(ERRORS.get(value) or WARNINGS[value])[0]} ({value})" for value in values]
    return f"close to it are {', '.join(names)}" if names else "nothing is called anything like it"


def _path(category: str) -> tuple[str, ...]:
    """Return the categories of an exception class from the widest to the one given."""
    from esemu.vocabulary.error_table import CATEGORIES  # noqa: PLC0415 - see above

    if category not in CATEGORIES:
        return ()
    parent, word, _ = CATEGORIES[category]
    return (*_path(parent), word)
