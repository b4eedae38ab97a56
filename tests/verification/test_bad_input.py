# SPDX-License-Identifier: MIT
"""What is no backup set gets its verdict too: any bytes under any names, folders with anything in them, and a great many files."""

import os
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st
from no_databases import HEADER, NO_DATABASES
from saved_sets import Set, made_sets

import esemu
from esemu.formats.verification.files import FileOnDisk

pytestmark = pytest.mark.untraced  # it goes through very many pages


@pytest.mark.parametrize("content", NO_DATABASES.values(), ids=NO_DATABASES.keys())
def test_what_is_no_database_has_no_header(whole: Set, content: bytes) -> None:
    """A file that is called .edb and is none is named, with the engine's error for it."""
    verified = esemu.verify(whole | {"mail.edb": content})
    assert verified.verdict is esemu.verify(whole | {"mail.edb": b""}).verdict
    assert [(finding.code, finding.file, finding.error) for finding in verified.findings] == [
        ("database-header", "mail.edb", -1206)
    ]


@pytest.mark.parametrize("content", NO_DATABASES.values(), ids=NO_DATABASES.keys())
def test_what_is_no_log_has_no_header(whole: Set, content: bytes) -> None:
    """A file that is called as a log and is none is named, and is not taken for a missing one."""
    verified = esemu.verify(whole | {"edb00005.log": content})
    assert [(finding.code, finding.file, finding.error) for finding in verified.findings] == [
        ("log-header", "edb00005.log", -501)
    ]


def test_a_single_good_header_is_a_short_database(whole: Set) -> None:
    """A file that ends behind its first header has no pages."""
    verified = esemu.verify(whole | {"mail.edb": HEADER})
    assert [finding.code for finding in verified.findings] == ["header-copy", "database-short"]


def test_foreign_files_do_not_matter(whole: Set) -> None:
    """Checkpoints, reserve logs, the current log and files of others may lie about."""
    foreign = {
        "edb.chk": bytes(8192),
        "edb.jfm": bytes(16384),
        "edbres00001.jrs": bytes(65536),
        "edbtmp.log": bytes(65536),
        "edb.log": whole["edb00006.log"],
        "app00001.log": b"2025-12-24 INFO all is quiet\n",
        "readme.txt": b"",
        "archive/mail.zip": NO_DATABASES["noise"],
    }
    verified = esemu.verify(whole | foreign)
    assert verified.restorable, str(verified)
    assert verified.other_files == len(foreign)


def test_files_lie_anywhere(whole: Set) -> None:
    """A set may be spread over folders, under the names that the files had on the server, in any order and case."""
    spread = {f"{number}/deeper/{name.upper()}": content for number, (name, content) in enumerate(whole.items())}
    assert esemu.verify(dict(reversed(spread.items()))).restorable
    assert esemu.verify({f"C:\\data\\{name}": content for name, content in whole.items()}).restorable


def test_a_mapping_holds_buffers_and_paths(whole: Set, tmp_path: Path) -> None:
    """Values are bytes, bytearray, memoryview, or a path as str or os.PathLike."""
    names = sorted(whole)
    for name in names[:2]:
        (tmp_path / name).write_bytes(whole[name])
    values = [tmp_path / names[0], str(tmp_path / names[1]), bytearray(whole[names[2]]), memoryview(whole[names[3]])]
    given: dict[str, Any] = {**whole, **dict(zip(names, values, strict=False))}
    assert esemu.verify(given).restorable


def test_no_folder_is_no_set(tmp_path: Path) -> None:
    """A path that is no folder, and a value that is neither bytes nor path, are mistakes of the caller."""
    with pytest.raises(FileNotFoundError):
        esemu.verify(tmp_path / "nowhere")
    (tmp_path / "file").touch()
    with pytest.raises(NotADirectoryError):
        esemu.verify(str(tmp_path / "file"))
    with pytest.raises(TypeError):
        esemu.verify({"mail.edb": 5})  # type: ignore[dict-item]


def on_disk(saved: Set, folder: Path) -> Path:
    """Write a set into a folder and return the folder."""
    for name, content in saved.items():
        (folder / name).write_bytes(content)
    return folder


def test_a_folder_is_read_with_its_subfolders(whole: Set, tmp_path: Path) -> None:
    """What lies in subfolders belongs to the set."""
    (tmp_path / "a" / "b").mkdir(parents=True)
    on_disk({name: content for name, content in whole.items() if name.endswith("log")}, tmp_path / "a" / "b")
    assert not esemu.verify(tmp_path).restorable
    on_disk({"mail.edb": whole["mail.edb"]}, tmp_path)
    assert esemu.verify(str(tmp_path)).restorable


@pytest.mark.skipif(sys.platform == "win32", reason="Windows lets only administrators make links")
def test_links_lead_nowhere(whole: Set, tmp_path: Path) -> None:
    """Links to folders are not followed, so that loops end; a link to itself or to nothing is no file."""
    on_disk(whole, tmp_path)
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "nothing").symlink_to(tmp_path / "nowhere")
    assert esemu.verify(tmp_path).restorable
    (tmp_path / "self").symlink_to(tmp_path / "self")
    assert [finding.code for finding in esemu.verify(tmp_path).findings] == ["file-unreadable"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")
def test_pipes_and_names_that_are_no_text(whole: Set, tmp_path: Path) -> None:
    """What would block is not opened, and a name that is no text can be printed."""
    on_disk(whole, tmp_path)
    os.mkfifo(tmp_path / "mail2.edb")
    (tmp_path / os.fsdecode(b"caf\xe9\n.edb")).touch()
    verified = esemu.verify(tmp_path)
    assert [finding.file for finding in verified.findings] == ["caf\\xe9\n.edb"]
    assert "caf\\\\xe9\\n.edb" in str(verified)
    str(verified).encode("ascii")


def test_what_may_not_be_read_is_named(whole: Set, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Folders and files without rights are findings, and what can be read is looked at all the same."""
    on_disk(whole, tmp_path)
    (tmp_path / "locked").mkdir()
    scandir, read = os.scandir, FileOnDisk.read

    def guarded_scandir(path: str) -> object:
        if path.endswith("locked"):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    def guarded_read(file: FileOnDisk, offset: int, count: int) -> object:
        if file.name == "edb00004.log":
            raise PermissionError(13, "Permission denied", file.name)
        if file.name == "mail.edb" and offset > 100_000:
            raise OSError(5, "Input/output error", file.name)
        return read(file, offset, count)

    monkeypatch.setattr(os, "scandir", guarded_scandir)
    monkeypatch.setattr(FileOnDisk, "read", guarded_read)
    verified = esemu.verify(tmp_path)
    found = [(finding.code, finding.file, finding.message) for finding in verified.findings]
    assert found[:3] == [
        ("file-unreadable", "mail.edb", "It cannot be read: Input/output error."),
        ("file-forbidden", "locked/", "It cannot be read: Permission denied."),
        ("file-forbidden", "edb00004.log", "It cannot be read: Permission denied."),
    ]


def test_a_file_that_shrinks_is_named(whole: Set, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A database or a log that becomes shorter while it is read has ended too early."""
    on_disk(whole, tmp_path)
    read = FileOnDisk.read
    monkeypatch.setattr(
        FileOnDisk, "read", lambda file, offset, count: b"" if offset > 9000 else read(file, offset, count)
    )
    assert "The file became shorter while it was read" in str(esemu.verify(tmp_path))


def test_a_file_with_a_hole_of_a_gigabyte(whole: Set, tmp_path: Path) -> None:
    """What lies in a hole is zero and is not read."""
    with (on_disk(whole, tmp_path) / "mail.edb").open("r+b") as file:
        file.truncate(1 << 30)
    assert [finding.code for finding in esemu.verify(tmp_path).findings] == [
        "trailer-bad",
        "page-checksum",  # the trailer, where a page should be
        "pages-not-owned",
    ]


def test_very_many_files(whole: Set) -> None:
    """Findings are bounded and counted, and each file costs the same."""
    noise = {f"{number}.edb": b"" for number in range(5_000)} | {
        f"edb{number:05X}.log": b"" for number in range(7, 5007)
    }
    verified = esemu.verify(whole | noise, limit=10)
    assert len(verified.findings) == 20
    assert verified.omitted == {"database-header": 4990, "log-header": 4990}
    assert str(verified).endswith("and 4990 more: database-header\nand 4990 more: log-header")
    assert esemu.verify(whole | {f"{number}.txt": b"" for number in range(20_000)}).restorable


@given(
    st.dictionaries(
        st.sampled_from(["mail.edb", "b.edb", "edb00003.log", "edb00004.log", "edb.chk", "x", "E0000000003.jtx", ""]),
        st.binary(max_size=9000),
    )
)
@settings(max_examples=50, deadline=None, derandomize=True)
def test_any_bytes_get_a_verdict(files: Set) -> None:
    """Whatever the files hold, there is a verdict and no exception."""
    assert not esemu.verify(files).restorable


@given(st.data())
@settings(max_examples=40, deadline=None, derandomize=True)
def test_a_set_with_any_bytes_in_it_gets_a_verdict(data: st.DataObject) -> None:
    """Bytes anywhere in a set, with every checksum made to fit, give a verdict and no exception."""
    whole = made_sets(4096).whole
    name = data.draw(st.sampled_from(sorted(whole)))
    content = bytearray(whole[name])
    pages = range(0, len(content) // 4096, 1)
    used = [page for page in pages if any(content[page * 4096 : (page + 1) * 4096])]
    for _ in range(data.draw(st.integers(1, 3))):
        page = data.draw(st.sampled_from(used))
        offset = data.draw(st.one_of(st.integers(8, 150), st.integers(8, 4088), st.integers(3900, 4088)))
        noise = data.draw(st.binary(min_size=1, max_size=8))
        content[page * 4096 + offset : page * 4096 + offset + len(noise)] = noise
        made_to_fit(content, page, is_database=name == "mail.edb")
    assert str(esemu.verify(whole | {name: bytes(content)}))


def made_to_fit(content: bytearray, page: int, *, is_database: bool) -> None:
    """Give a page of a file the checksum that it ought to have."""
    from esemu.formats.checksum import set_header_checksum, set_page_checksum

    view = content[page * 4096 : (page + 1) * 4096]
    if page < (2 if is_database else 1) or (is_database and page == len(content) // 4096 - 1):
        set_header_checksum(view)
    else:
        set_page_checksum(view, page - 1 if is_database else page)
    content[page * 4096 : (page + 1) * 4096] = view
