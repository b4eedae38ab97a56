# SPDX-License-Identifier: MIT
"""The pytest plugin: an engine and an instance as fixtures, under every contract and build that is asked for.

What its clients did wrong fails a test at its end; what failed is shown as a script.  pytest imports this file in every
suite, so it imports nothing of esemu before a test asks for an engine.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator

    from esemu.faces.engine import Engine
    from esemu.faces.instance import Instance
    from esemu.testing.fixtures import TestChecks

CHOICES = {"contract": ("source", "documented"), "build": ("esent", "ese")}
"""What `--esemu-contract` and `--esemu-build` choose from; "both" runs each test under either."""


CHECKS_OF_TEST: pytest.StashKey[TestChecks] = pytest.StashKey()
"""Where a test keeps its checks until it is torn down."""

CLEANS_UP: pytest.StashKey[bool] = pytest.StashKey()
"""Whether a test has fixtures of its own that do something when it is over."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options and the settings of a project's configuration file."""
    group = parser.getgroup("esemu", "backup clients against an emulated ESE engine")
    for name, values in CHOICES.items():
        group.addoption(
            f"--esemu-{name}", choices=[*values, "both"], help=f"the {name} of esemu engines; both runs tests twice"
        )
        parser.addini(f"esemu_{name}", f"the default of --esemu-{name}", default=values[0])
    group.addoption(
        "--esemu-off",
        action="append",
        default=[],
        metavar="CHECK",
        help="a contract check not to make, by code or name",
    )
    parser.addini("esemu_off", "contract checks not to make, by code or name", type="args")


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    config.addinivalue_line(
        "markers",
        "esemu(databases, page_size, build, contract, faults, expect, off, ...): what the engine and the instance of a "
        "test are like, which broken contracts it expects, and which checks are not made; see esemu.testing",
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test under both contracts or builds where that is asked for."""
    if "esemu_variant" in metafunc.fixturenames:
        from esemu.testing.fixtures import variants  # noqa: PLC0415 - only for suites with esemu in them

        try:
            found = variants(metafunc.definition)
        except pytest.UsageError:
            return  # it is raised again when all tests are collected, and ends the run then
        if len(found) > 1:
            chosen = [place for place, values in enumerate(zip(*found, strict=True)) if len(set(values)) > 1]
            ids = ["-".join(each[place] for place in chosen) for each in found]
            metafunc.parametrize("esemu_variant", found, ids=ids, indirect=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse a marker or an option that means nothing, before any test runs."""
    for item in items:
        if item.get_closest_marker("esemu") is not None or "esemu_variant" in getattr(item, "fixturenames", ()):
            from esemu.testing.fixtures import off, variants  # noqa: PLC0415 - only for suites with esemu in them

            variants(item)
            off(item.config)


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Let esemu be imported as it is: pytest would rewrite the asserts of every module, because a plugin is among them.

    That takes longer than most suites run, and again in each process where compiled files are not kept.
    """
    hook: Any = getattr(early_config.pluginmanager, "rewrite_hook", None)
    getattr(hook, "_must_rewrite", set()).discard("esemu")
    getattr(hook, "_marked_for_rewrite_cache", {}).clear()


@pytest.fixture
def esemu_variant(request: pytest.FixtureRequest) -> Any:
    """Return (build, contract) of the engine."""
    from esemu.testing.fixtures import variants  # noqa: PLC0415 - only for suites with esemu in them

    return request.param if hasattr(request, "param") else variants(request.node)[0]


@pytest.fixture
def esemu_checks(request: pytest.FixtureRequest, esemu_variant: tuple[str, str]) -> TestChecks:
    """Return what a test says of its contract checks: `expect`, `off`, and `run` for a client that reports success."""
    from esemu.testing.fixtures import TestChecks  # noqa: PLC0415 - only for suites with esemu in them

    return TestChecks(request.node, *esemu_variant)


@pytest.fixture
def esemu_engine(esemu_checks: TestChecks) -> Engine:
    """Return an engine of the test's own, whose clients are checked when the test is over."""
    return esemu_checks.engine


@pytest.fixture
def esemu_instance(esemu_checks: TestChecks) -> Instance:
    """Return the running instance of `esemu_engine`: with one database of 100 pages, unless the marker says otherwise."""
    return esemu_checks.start()


@pytest.hookimpl(tryfirst=True)
def pytest_fixture_setup(fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest) -> None:
    """Note a fixture of the suite's own that may make calls when the test is over, to end a backup for example."""
    function = fixturedef.func
    home = getattr(function, "__module__", "")
    own = home != __name__ and not home.startswith("_pytest.")
    acts = inspect.isgeneratorfunction(function) or "request" in fixturedef.argnames
    if acts and fixturedef.scope == "function" and (own or "xunit" in fixturedef.argname):  # teardown_method is one
        request.node.stash[CLEANS_UP] = True


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """Fail a test that has passed, where its clients broke a contract."""
    result = yield
    checks = item.stash.get(CHECKS_OF_TEST, None)
    if checks is not None:
        checks.judge()
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, Any, Any]:
    """Judge what the fixtures have done since, and left undone."""
    result = yield
    checks = item.stash.get(CHECKS_OF_TEST, None)
    if checks is not None:
        checks.judge_fixtures()
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    """Show what was called when a test with an engine fails, and drop the engine when the test is over."""
    report = yield
    checks = item.stash.get(CHECKS_OF_TEST, None)
    if checks is not None:
        if report.failed:
            report.sections += checks.sections(report)
        if call.when == "teardown":
            del item.stash[CHECKS_OF_TEST]
    return report
