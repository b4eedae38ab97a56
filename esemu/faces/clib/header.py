# SPDX-License-Identifier: MIT
"""esent.h for Linux and macOS: types, numbers, structures and functions, written from the vocabulary.

Programs that were written for Windows compile with it if they use its types: ULONG has 32 bits here too, WCHAR 16.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from esemu.faces.clib.declarations import c_type, parameters
from esemu.faces.clib.long_forms import long_forms
from esemu.vocabulary import choices, error_table, grbits, header_numbers, parameters as numbers, table_numbers
from esemu.vocabulary.signatures import SIGNATURES
from esemu.vocabulary.structures import STRUCTURES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from esemu.vocabulary.declarations import Field, Structure

OPENING: Final = """\
/* SPDX-License-Identifier: MIT */
/* The API of the Extensible Storage Engine as the library of esemu exports it. Made by `python -m esemu build-library`. */
#ifndef ESENT_H
#define ESENT_H

#ifdef __GNUC__
#pragma GCC system_header /* unnamed unions and 64-bit numbers are no concern of a client's -pedantic */
#endif

#include <stddef.h>
#include <stdint.h>

#ifndef JET_VERSION
#define JET_VERSION 0x0A00
#endif

#if defined(__SIZEOF_WCHAR_T__) && __SIZEOF_WCHAR_T__ == 2
typedef wchar_t WCHAR; /* with -fshort-wchar: L"a string", as on Windows */
#elif defined(__cplusplus) && __cplusplus >= 201103L
typedef char16_t WCHAR; /* u"a string" */
#else
typedef __CHAR16_TYPE__ WCHAR;
#endif

#ifdef __cplusplus
extern "C" {
#endif
#if defined(__cplusplus) && __cplusplus >= 201103L
#define ESEMU_ASSERT(what) static_assert(what, #what)
#elif defined(__cplusplus)
#define ESEMU_ASSERT(what) typedef char esemu_assert[(what) ? 1 : -1] __attribute__((unused))
#else
#define ESEMU_ASSERT(what) _Static_assert(what, #what)
#endif

#ifndef ESENT_NO_WINDOWS_TYPES /* for programs that define these themselves */
typedef uint32_t ULONG;
typedef uint32_t DWORD;
typedef int32_t LONG;
typedef char CHAR;
typedef unsigned char BYTE;
#endif

#define JET_API
#define JET_NODSAPI

typedef int32_t JET_ERR;
typedef uintptr_t JET_API_PTR;
typedef JET_API_PTR JET_INSTANCE;
typedef JET_API_PTR JET_SESID;
typedef JET_API_PTR JET_TABLEID;
typedef JET_API_PTR JET_HANDLE;
typedef JET_API_PTR JET_OSSNAPID;
typedef JET_API_PTR JET_LS;
typedef uint32_t JET_COLUMNID;
typedef uint32_t JET_DBID;
typedef uint32_t JET_COLTYP;
typedef uint32_t JET_OBJTYP;
typedef uint32_t JET_CBTYP;
typedef uint32_t JET_GRBIT;
typedef uint32_t JET_SNP;
typedef uint32_t JET_SNT;
typedef const char *JET_PCSTR;
typedef char *JET_PSTR;
typedef const WCHAR *JET_PCWSTR;
typedef WCHAR *JET_PWSTR;

typedef JET_ERR(JET_API *JET_PFNSTATUS)(JET_SESID sesid, JET_SNP snp, JET_SNT snt, void *pv);
typedef JET_ERR(JET_API *JET_PFNINITCALLBACK)(JET_SNP snp, JET_SNT snt, void *pv, void *pvContext);
typedef JET_ERR(JET_API *JET_CALLBACK)(JET_SESID sesid, JET_DBID dbid, JET_TABLEID tableid, JET_CBTYP cbtyp, void *pvArg1,
                                       void *pvArg2, void *pvContext, JET_API_PTR ulUnused);
typedef void *(JET_API *JET_PFNREALLOC)(void *pvContext, void *pv, uint32_t cb);

#define JET_instanceNil (~(JET_INSTANCE)0)
#define JET_sesidNil (~(JET_SESID)0)
#define JET_tableidNil (~(JET_TABLEID)0)
#define JET_dbidNil ((JET_DBID)0xFFFFFFFF)
#define JET_LSNil (~(JET_LS)0)
#define JET_bitNil ((JET_GRBIT)0)
"""

CLOSING: Final = """\

typedef JET_ERR(JET_API *JET_PFNDURABLECOMMITCALLBACK)(JET_INSTANCE instance, JET_COMMIT_ID *pCommitIdSeen, JET_GRBIT grbit);

#ifdef __cplusplus
}
#endif
"""

UNIONS: Final = {
    "logtimeMark": "union { JET_LOGTIME logtimeMark; JET_BKLOGTIME bklogtimeMark; };",
    "bFiller1": "union { char bFiller1; struct { unsigned char fTimeIsUTC : 1; }; };",
    "lcid": "union { uint32_t lcid; JET_UNICODEINDEX *pidxunicode; };",
    "cbVarSegMac": "union { uint32_t cbVarSegMac; JET_TUPLELIMITS *ptuplelimits; };",
    "bFiller2": "union { char bFiller2; struct { unsigned char fOSSnapshot : 1; }; };",
}
"""Fields that are unions in the engine's header."""

WITHOUT_FORMS: Final = {
    "JET_COLUMNBASE",
    "JET_COLUMNCREATE",
    "JET_CONDITIONALCOLUMN",
    "JET_INDEXCREATE",
    "JET_INSTANCE_INFO",
    "JET_LOGINFO",
    "JET_RSTINFO",
    "JET_RSTMAP",
    "JET_SETSYSPARAM",
    "JET_TABLECREATE",
    "JET_USERDEFINEDDEFAULT",
}
"""Structures whose plain name is that of the A form."""


def header() -> str:
    """Return the text of esent.h."""
    return "\n".join(
        [
            OPENING,
            *_numbers(),
            "",
            *_structures(),
            "",
            *_unknown(),
            "",
            *_functions(),
            CLOSING,
            *long_forms(),
            "#endif\n",
        ]
    )


def _numbers() -> Iterator[str]:
    """Yield a definition for each number that has a name."""
    for table in (error_table.WARNINGS, error_table.ERRORS):
        yield from (f"#define {row[0]} ({number})" for number, row in table.items())
    for name, number in vars(grbits).items():
        if name.startswith("JET_bit"):
            yield f"#define {name} 0x{number:08X}"
    for name, number in vars(numbers).items():
        if name.startswith("JET_param"):
            yield f"#define {name} {number}"
    groups = (
        choices.DATABASE_INFO,
        choices.COLUMN_TYPES,
        choices.OPERATIONS,
        choices.STATUS,
    )
    for group in groups:
        yield from (f"#define {name} {number}" for name, number in group.items())
    for name, number in vars(table_numbers).items():
        if name.startswith("JET_"):
            is_move = name.startswith("JET_Move")
            yield f"#define {name} " + (f"((int32_t){number & 0xFFFFFFFF:#x})" if is_move else f"0x{number:X}")
    for name, number in header_numbers.OTHERS.items():
        yield f"#define {name} ({number})" if number < 0 else f"#define {name} {number:#x}"
    for name, members in header_numbers.ENUMERATIONS.items():
        yield f"typedef enum {{ {', '.join(members)} }} {name};"


def _structures() -> Iterator[str]:
    """Yield the structures, each after those that it has inside or points to, with their sizes asserted."""
    done: set[str] = set()
    waiting = dict(STRUCTURES)
    while waiting:
        for name, structure in list(waiting.items()):
            if not _parts(structure) & waiting.keys() - {name}:
                yield from _structure(structure)
                done.add(waiting.pop(name).name)
    for name in sorted(done):
        if name.endswith("_A") and name.removesuffix("_A").rstrip("2345") in WITHOUT_FORMS:
            plain = name.removesuffix("_A")
            yield f"#ifdef JET_UNICODE\n#define {plain} {plain}_W\n#else\n#define {plain} {plain}_A\n#endif"


def _parts(structure: Structure) -> set[str]:
    """Return the names of the types that a structure is made of."""
    return {field.c_type.removeprefix("const ").rstrip("* ").partition("[")[0] for field in structure.fields}


def _structure(structure: Structure) -> Iterator[str]:
    """Yield the declaration of a structure."""
    packed = structure.alignment < 4
    yield "#pragma pack(push, 1)" if packed else ""
    yield "typedef struct\n{"
    yield from (f"    {_field(field)}" for field in structure.fields)
    yield f"}} {structure.name};"
    if packed:
        yield "#pragma pack(pop)"
    yield f"ESEMU_ASSERT(sizeof({structure.name}) == {structure.size});"


def _field(field: Field) -> str:
    """Return the declaration of a field."""
    if field.c_type == "union":
        return UNIONS[field.name]
    base, bracket, length = field.c_type.partition("[")
    return f"{c_type(base)} {field.name}{bracket}{length};"


def _unknown() -> Iterator[str]:
    """Yield the types that only functions which are not emulated take: numbers, and structures that nobody looks into."""
    known = set(STRUCTURES) | WITHOUT_FORMS
    passed = {
        each.c_type.removeprefix("const ")
        for row in SIGNATURES.values()
        for form in row.forms
        for each in form.arguments
    }
    for name, star, _ in sorted(each.partition(" *") for each in passed):
        if name.isupper() and name not in known and not re.search(rf"\b{name}(;|\))", OPENING):
            yield f"typedef struct {name} {name};" if star else f"typedef uint32_t {name};"
            known.add(name)


def _functions() -> Iterator[str]:
    """Yield the functions: FooA, FooW and Foo, which is FooA unless JET_UNICODE is defined."""
    for name, signature in SIGNATURES.items():
        for prototype in signature.forms:
            yield f"JET_ERR JET_API {prototype.symbol}({parameters(prototype.arguments)});"
        if signature.forms[0].form == "A":
            plain = f"JET_ERR JET_API {name}({parameters(signature.forms[0].arguments)});"
            yield f"#ifdef JET_UNICODE\n#define {name} {name}W\n#else\n{plain}\n#endif"
