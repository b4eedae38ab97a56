# SPDX-License-Identifier: MIT
"""The verdict itself: its three values, what it tells a person and a program, and that it is never too long."""

from damages import Pages
from rare_damages import rewrite
from saved_sets import made_sets

import esemu


def test_an_intact_set_is_restorable(whole) -> None:
    """Nothing is found in a set as a client saves it."""
    verified = esemu.verify(whole)
    assert verified.restorable
    assert verified.findings == ()
    assert str(verified).splitlines()[0] == "restorable"
    assert verified.as_dict()["verdict"] == "restorable"


def test_a_finding_has_the_engines_error_and_place(whole) -> None:
    """A finding is data: code, file, place, error, one line for a person, and where the engine looks."""
    del whole["edb00005.log"]
    verified = esemu.verify(whole)
    assert verified.verdict.value == "not restorable"
    [finding] = verified.as_dict()["findings"]
    assert finding == {
        "code": "log-missing",
        "file": "",
        "place": {"kind": "generation", "first": 5, "last": 5},
        "error": -1811,
        "error_name": "JET_errFileNotFound",
        "accepted": False,
        "message": "The log is missing.",
        "source": "logutil.cxx:284",
    }


def test_what_was_changed_since_the_backup_began_is_not_judged() -> None:
    """A page that is newer than the saved header may be anything, because redo may mend it."""
    sets = made_sets(16384)
    pages = Pages(sets.whole["mail.edb"], sets.page_size)
    pgno = pages.leaf()
    rewrite(pages, pgno, objid=999, dbtime=1 << 40)
    assert esemu.verify(sets.whole | {"mail.edb": bytes(pages.bytes)}).restorable
    for root in (1, 4):
        pages = Pages(sets.whole["mail.edb"], sets.page_size)
        rewrite(pages, root, dbtime=1 << 40)
        assert esemu.verify(sets.whole | {"mail.edb": bytes(pages.bytes)}).restorable


def test_a_verification_says_what_there_is(whole) -> None:
    """Databases and logs are listed with their sizes and generations, as text and as data."""
    verified = esemu.verify(whole | {"readme.txt": b""})
    told = verified.as_dict()
    assert told["databases"] == [
        {
            "file": "mail.edb",
            "page_size": 4096,
            "pages": len(whole["mail.edb"]) // 4096 - 3,
            "gen_low": 3,
            "gen_high": 6,
        }
    ]
    assert told["logs"] == [{"base": "edb", "count": 4, "gen_low": 3, "gen_high": 6}]
    assert (told["other_files"], told["omitted"]) == (1, {})
    assert str(verified).splitlines()[2] == "  4 logs edb, generations 3 to 6"


def test_sets_of_two_instances_lie_in_one_folder() -> None:
    """Each database is held against the logs of its own log stream, though both streams have the same names."""
    sets = made_sets(4096)
    both = {f"a/{name}": content for name, content in sets.whole.items()}
    both |= {f"b/{name}": content for name, content in sets.other.items()}
    verified = esemu.verify(both)
    assert verified.restorable, str(verified)
    del both["b/edb00004.log"]
    assert [(finding.code, str(finding.place)) for finding in esemu.verify(both).findings] == [
        ("log-missing", "generation 4")
    ]


def test_a_set_in_two_folders_twice_is_one(whole) -> None:
    """Copies of the same files say nothing new."""
    assert esemu.verify(whole | {f"copy/{name}": content for name, content in whole.items()}).restorable


def test_the_other_build_has_other_names() -> None:
    """Eight digits, .jtx instead of .log, and any base name are names of logs too."""
    sets = made_sets(4096)
    renamed = {
        f"E00000{name[3:8]}.jtx" if name.endswith(".log") else name: content for name, content in sets.whole.items()
    }
    verified = esemu.verify(renamed)
    assert verified.restorable, str(verified)
    assert verified.logs[0].base == "e00"
