# SPDX-License-Identifier: MIT
"""Windows paths: how they are completed, taken apart, put together and compared."""

import ntpath

import pytest
from hypothesis import given, strategies as st

from esemu.world import paths

# Names that Windows leaves as they are: no dot or space at the end.
PLAIN_NAMES = st.text("aB. é", min_size=1, max_size=5).filter(lambda name: name[-1] not in ". ")
SEPARATORS = st.sampled_from(["\\", "/", "\\\\", "/\\/"])


@st.composite
def relative_paths(draw: st.DrawFn) -> str:
    """Return names, dots and double dots between separators of all kinds, without one at the end."""
    components = draw(st.lists(PLAIN_NAMES | st.sampled_from([".", ".."]), min_size=1, max_size=6))
    return components[0] + "".join(draw(SEPARATORS) + component for component in components[1:])


@pytest.mark.parametrize(
    ("path", "full"),
    [
        ("", r"C:\app"),
        ("db1.edb", r"C:\app\db1.edb"),
        (r"..\data\db1.edb", r"C:\data\db1.edb"),
        (r"C:\data\..\data\db1.edb", r"C:\data\db1.edb"),
        (r"c:\DATA\..\data\DB1.EDB", r"c:\data\DB1.EDB"),
        ("C:/data//db1.edb", r"C:\data\db1.edb"),
        (r"C:\data\.\.\db1.edb", r"C:\data\db1.edb"),
        (r"C:\..\..\db1.edb", r"C:\db1.edb"),
        (r"C:\data\..", "C:\\"),
        (r"C:\data\.", r"C:\data"),
        (r"C:\data\sub\..", r"C:\data"),
        (r"\logs\edb.log", r"C:\logs\edb.log"),
        ("C:db1.edb", r"C:\app\db1.edb"),
        ("c:db1.edb", r"C:\app\db1.edb"),
        ("C:", r"C:\app"),
        ("D:db1.edb", r"D:\db1.edb"),
        ("D:", "D:\\"),
        ("D:\\", "D:\\"),
        ("C:\\backup\\", "C:\\backup\\"),
        ("C:\\backup\\\\", "C:\\backup\\"),
        ("C:\\backup\\old\\..\\", "C:\\backup\\"),
        ("C:\\backup. . ", r"C:\backup"),
        ("C:\\backup.", r"C:\backup"),
        ("C:\\backup ", r"C:\backup"),
        (r"C:\data\.hidden", r"C:\data\.hidden"),
        (r"C:\a.\b", r"C:\a\b"),
        (r"C:\...\b", r"C:\...\b"),
        (r"C:\a \b", r"C:\a \b"),
        (r"\\server\share\..\db1.edb", r"\\server\share\db1.edb"),
        (r"\\server\\share\\a", r"\\server\share\a"),
        (r"\\server\share", r"\\server\share"),
        ("//server/share/a/", "\\\\server\\share\\a\\"),
        (r"\\?\C:\..\x", r"\\?\C:\x"),
        (r"\\?\C:", r"\\?\C:"),
        (r"\\.\C:\..\x", r"\\.\C:\x"),
    ],
)
def test_a_path_is_completed(path: str, full: str) -> None:
    r"""A path becomes the full path that Windows makes of it in the folder C:\app."""
    assert paths.complete(path) == full


@pytest.mark.parametrize(
    ("path", "full"),
    [("x", r"\\server\share\app\x"), (r"\x", r"\\server\share\x"), ("C:x", r"C:\x")],
)
def test_the_current_folder_may_be_on_a_server(path: str, full: str) -> None:
    """Relative paths stay on the share of the current folder, and a drive has its root as current folder."""
    assert paths.complete(path, r"\\server\share\app") == full


@given(relative_paths(), st.sampled_from(["", "C:", "\\", "C:\\", "C:/", "D:\\", "\\\\server\\share\\"]))
def test_ordinary_paths_are_completed_as_python_does(relative: str, start: str) -> None:
    """Where no name ends in a dot or a space, completing is what ntpath's join and normpath do."""
    path = start + relative
    assert paths.complete(path, r"C:\app\sub") == ntpath.normpath(ntpath.join(r"C:\app\sub", path))


@given(st.text("ab.C \\/:", max_size=12))
def test_a_full_path_has_a_root_and_no_detours(path: str) -> None:
    """Whatever is completed starts with its root and has no empty, `.` or `..` component and no forward slash."""
    full = paths.complete(path)
    assert full is not None
    assert full.startswith(paths.root(full))
    rest = full[len(paths.root(full)) :].split("\\")
    assert not {"", ".", ".."} & {*rest[:-1]}
    assert rest[-1] not in {".", ".."}
    assert "/" not in full


@pytest.mark.parametrize(("letters", "fits"), [("a" * 256, True), ("a" * 257, False), ("\U0001f600" * 128, True)])
def test_a_full_path_has_at_most_259_code_units(letters: str, fits: bool) -> None:
    """A longer full path is none; a character outside the basic plane counts twice, as in UTF-16."""
    assert (paths.complete("C:\\" + letters) is not None) is fits
    assert paths.complete("C:\\a\\..\\b\\..\\" + letters) == paths.complete("C:\\" + letters)
    assert paths.complete("C:\\" + letters + "\U0001f600") is None


@given(relative_paths())
def test_the_key_ignores_case(path: str) -> None:
    """Paths that differ in case only have one key, and it is as long as the path."""
    assert paths.key(path) == paths.key(path.upper()) == paths.key(path.lower())
    assert len(paths.key(path)) == len(path)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("straße", "strasse"),
        ("\N{LATIN SMALL LETTER DOTLESS I}", "i"),
        ("\N{LATIN SMALL LETTER LONG S}", "s"),
        ("ﬁ", "fi"),
    ],
)
def test_letters_that_ntfs_tells_apart_have_different_keys(left: str, right: str) -> None:
    """Only simple upper case counts: no letter becomes two, and none outside ASCII equals one inside."""
    assert paths.key(left) != paths.key(right)


@pytest.mark.parametrize(
    ("path", "parts"),
    [
        (r"C:\data\mail.edb", ("C:\\data\\", "mail", ".edb")),
        (r"C:\data.d\mail", ("C:\\data.d\\", "mail", "")),
        (r"C:\mail.old.edb", ("C:\\", "mail.old", ".edb")),
        ("C:\\data\\", ("C:\\data\\", "", "")),
        ("C:mail.edb", ("C:", "mail", ".edb")),
        ("data/mail.edb", ("data/", "mail", ".edb")),
        (".edb", ("", "", ".edb")),
        (r"\\server\share\mail.edb", ("\\\\server\\share\\", "mail", ".edb")),
        ("", ("", "", "")),
    ],
)
def test_a_path_is_split(path: str, parts: tuple[str, str, str]) -> None:
    """A path has a folder with its separator, a stem and an extension with its dot, as _wsplitpath tells them apart."""
    assert paths.split(path) == parts
    assert paths.folder(path) == parts[0]
    assert "".join(parts) == path


@pytest.mark.parametrize(
    ("arguments", "path"),
    [
        ((r"C:\data", "mail", ".edb"), r"C:\data\mail.edb"),
        (("C:\\data\\", "mail", "edb"), r"C:\data\mail.edb"),
        (("C:/data/", "mail"), "C:/data/mail"),
        (("", "mail", ".edb"), "mail.edb"),
    ],
)
def test_parts_are_joined(arguments: tuple[str, ...], path: str) -> None:
    """A missing separator and a missing dot are added, as _wmakepath does."""
    assert paths.join(*arguments) == path


@pytest.mark.parametrize(
    ("full", "root"),
    [
        (r"C:\data\x", "C:\\"),
        ("C:\\", "C:\\"),
        (r"\\server\share\x", "\\\\server\\share\\"),
        (r"\\server", r"\\server"),
        (r"\\?\C:\x", "\\\\?\\C:\\"),
    ],
)
def test_a_full_path_has_a_root(full: str, root: str) -> None:
    """The root is the drive, the share or the device, with the separator behind it."""
    assert paths.root(full) == root


@pytest.mark.parametrize("character", [*'<>:"|?*', "\0", "\x1f"])
def test_some_characters_are_in_no_name(character: str) -> None:
    """A full path with a character that Windows reserves is impossible, wherever the character stands."""
    assert not paths.is_possible(f"C:\\data\\mail{character}.edb")
    assert not paths.is_possible(f"\\\\server\\share\\mail{character}")
    assert not paths.is_possible(f"C:{character}")
    assert paths.is_possible("C:\\data\\new mail.edb")
    assert paths.is_possible("\\\\?\\C:\\mail.edb")
