"""A small made-up school, made once in a run and copied for each test that changes it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization.pkcs12 import load_key_and_certificates
from hypothesis import HealthCheck, settings
from textual.pilot import Pilot

from hocba_tui.app import HocbaApp
from hocba_tui.clock import Clock
from hocba_tui.config import softhsm_module
from hocba_tui.demo.school import DemoSchool, found_demo, make_school
from hocba_tui.flow.desk import Desk
from hocba_tui.flow.opening import open_desk
from hocba_tui.flow.school.settings import change_settings
from hocba_tui.signing import softkey
from hocba_tui.workers import cores
from tests.support import tsa
from tests.support.authority import Authority
from tests.support.eight import PUPILS as EIGHT
from tests.support.garbage import pytest_collection_finish, pytest_runtest_teardown  # noqa: F401 - hooks
from tests.support.once import copied, made_further, made_once
from tests.support.reading import read_here  # noqa: F401 - a fixture for all rooms
from tests.support.scratch import pytest_configure  # noqa: F401 - pytest finds the hook here
from tests.support.signed import approve_class, fill_gaps, issue_class, open_first_round, submit_class, whole_way
from tests.support.stores import Ticking
from tests.support.time_limit import pytest_timeout_set_timer  # noqa: F401 - pytest finds the hook here
from tests.support.worked_out_once import worked_out_once  # noqa: F401 - a fixture for all rooms

HERE = Path(__file__).parent
LONG = ("attacks/test_altered_files", "journeys/", "flow/records/", "faults/", "screens/", "widgets/test_wire")
SMALL = 175
"""Pupils of the small school: one class in each grade."""
FEW = 80
"""Pupils of the smallest: sixteen in each class, all of whom can be signed; a batch still has a middle."""

# How long an example takes says how busy the machine is, and nothing about the rule.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")

DeskAs = Callable[[str], Desk]
Open = Callable[..., AbstractAsyncContextManager[Pilot[Any]]]


def require_tool(name: str, *, present: bool) -> None:
    """Skip on a laptop that lacks a tool; in CI a missing tool is a failure."""
    require(None if present else f"{name} is not installed")


def require(obstacle: str | None) -> None:
    """Skip on a laptop where something stands in the way; in CI that is a failure."""
    if obstacle:
        if os.environ.get("CI"):
            pytest.fail(f"not in CI: {obstacle}")
        pytest.skip(obstacle)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Work in one process more for each two cores: half of the time of the longest tests is waiting."""
    return cores() * 3 // 2


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that no worker is left alone with it at the end."""
    items.sort(key=lambda item: not item.path.relative_to(HERE).as_posix().startswith(LONG))


def require_softhsm() -> Path | None:
    module = softhsm_module()
    require_tool("softhsm2", present=module is not None and shutil.which("softhsm2-util") is not None)
    return module


@pytest.fixture(scope="session", autouse=True)
def nobodys_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Hide what who runs the tests has: files of the home, tokens, variables that hocba reads."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
        for name in [name for name in os.environ if name.startswith(("HOCBA_", "SOFTHSM2_", "XDG_"))]:
            patch.delenv(name)
        yield


@pytest.fixture(scope="session", autouse=True)
def whole_pages() -> Iterator[None]:
    """Let pages wait until they have read everything: how long that takes says how busy the machine is."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("hocba_tui.screens.reading.PATIENCE", 60.0)
        yield


@pytest.fixture(scope="session", autouse=True)
def keys_read_once() -> Iterator[None]:
    """Open each training key with each PIN once: the library checks it for 40 ms, each time it is read."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(softkey, "pkcs12", SimpleNamespace(load_key_and_certificates=cache(load_key_and_certificates)))
        yield


# What is made from these in several steps names them, and not ``demo`` and ``made_store``: a room may have its own.
@pytest.fixture(scope="session")
def small() -> DemoSchool:
    return make_school(seed=2026, pupils=SMALL)


@pytest.fixture(scope="session")
def small_store(small: DemoSchool, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_once(tmp_path_factory, "school", lambda root: found_demo(root, small, None))


@pytest.fixture(scope="session")
def demo(small: DemoSchool) -> DemoSchool:
    return small


@pytest.fixture(scope="session")
def few() -> DemoSchool:
    """A school with classes of sixteen: where each record costs a signature, 35 prove no more."""
    return make_school(seed=2026, pupils=FEW)


@pytest.fixture(scope="session")
def few_store(few: DemoSchool, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The school with classes of sixteen, signed with PKCS#12 training keys; never changed."""
    return made_once(tmp_path_factory, "few", lambda root: found_demo(root, few, None))


@pytest.fixture(scope="session")
def eight() -> DemoSchool:
    """A school with classes of eight: see tests/support/eight.py."""
    return make_school(seed=2026, pupils=EIGHT)


@pytest.fixture(scope="session")
def eight_store(eight: DemoSchool, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The school with classes of eight, signed with PKCS#12 training keys; never changed."""
    return made_once(tmp_path_factory, "eight", lambda root: found_demo(root, eight, None))


@pytest.fixture(scope="session")
def few_token_store(few: DemoSchool, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with keys on SoftHSM tokens."""
    module = require_softhsm()
    root = tmp_path_factory.mktemp("few-tokens") / "store"
    found_demo(root, few, module)
    return root


@pytest.fixture(scope="session")
def fault_module(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A module with the faults of real tokens: see the source."""
    require_tool("gcc", present=shutil.which("gcc") is not None)
    module = tmp_path_factory.mktemp("fault") / "fault_token.so"
    source = Path(__file__).parent / "support" / "fault_token.c"
    subprocess.run(["gcc", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o", module, source], check=True)
    return module


@pytest.fixture
def few_root(few_store: Path, tmp_path: Path) -> Path:
    """A copy of the school with classes of sixteen that a test may change."""
    return copied(few_store, tmp_path / "store")


@pytest.fixture(scope="session")
def made_store(small_store: Path) -> Path:
    """A store signed with PKCS#12 training keys; never changed."""
    return small_store


@pytest.fixture(scope="session")
def made_token_store(small: DemoSchool, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store whose keys lie on SoftHSM tokens; each worker has its own, for a token notes each PIN that was tried."""
    module = require_softhsm()
    root = tmp_path_factory.mktemp("tokens") / "store"
    found_demo(root, small, module)
    return root


@pytest.fixture
def store_root(made_store: Path, tmp_path: Path) -> Path:
    """A copy of the small school that a test may change."""
    return copied(made_store, tmp_path / "store")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Ticking:
    """A clock that goes on by a second at each look, so that copies can be made one after the other."""
    ticking = Ticking()
    monkeypatch.setattr(Clock, "now", lambda _: ticking())
    return ticking


@pytest.fixture
def desk_as(store_root: Path) -> DeskAs:
    """Open the copied school as somebody; each call is a process's fresh view."""
    return lambda account: open_desk(store_root, account)


@pytest.fixture
def open_app(store_root: Path) -> Open:
    """Open the copied school as somebody, optionally on a given screen."""

    @asynccontextmanager
    async def opened(
        account: str, screen: str = "", root: Path = store_root, **params: str
    ) -> AsyncIterator[Pilot[Any]]:
        app = HocbaApp(open_desk(root, account))
        async with app.run_test(size=(80, 24)) as pilot:
            if screen:
                app.open_page(screen, **params)
            await pilot.pause()
            yield pilot

    return opened


@pytest.fixture(scope="session")
def opened_store(small_store: Path, small: DemoSchool, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A school in whose class 5A nothing is missing, and whose round is open; never changed."""

    def make(root: Path) -> None:
        shutil.copytree(small_store, root)
        fill_gaps(root, small)
        open_first_round(root)

    return made_once(tmp_path_factory, "opened", make)


@pytest.fixture(scope="session")
def submitted_store(opened_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same; the 31 complete records of 5A wait for the principal."""
    return made_further(tmp_path_factory, "submitted", opened_store, submit_class)


@pytest.fixture(scope="session")
def approved_store(submitted_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same; they wait for the seal."""
    return made_further(tmp_path_factory, "approved", submitted_store, approve_class)


@pytest.fixture(scope="session")
def issued_store(approved_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same; they are sealed and wait in the outbox."""
    return made_further(tmp_path_factory, "issued", approved_store, issue_class)


@pytest.fixture
def opened_root(opened_store: Path, store_root: Path) -> Path:
    """The copied school, in whose class 5A nothing is missing, and whose round is open."""
    return copied(opened_store, store_root)


@pytest.fixture
def submitted_root(submitted_store: Path, store_root: Path) -> Path:
    """The copied school; the 31 complete records of 5A wait for the principal."""
    return copied(submitted_store, store_root)


@pytest.fixture
def approved_root(approved_store: Path, store_root: Path) -> Path:
    """The copied school; the 31 complete records of 5A wait for the seal."""
    return copied(approved_store, store_root)


@pytest.fixture(scope="session")
def nested_store(small_store: Path, small: DemoSchool, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same in the format whose later signatures cover the earlier one; never changed."""
    changes = {"profile": "hbs-1.0-nested"}
    return made_once(tmp_path_factory, "nested", lambda root: _signed_with(small_store, small, root, changes))


@pytest.fixture(scope="session")
def xades_store(small_store: Path, small: DemoSchool, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with XAdES properties in every signature, nested too; never changed."""
    changes = {"profile": "hbs-1.0-nested", "xades": "có"}
    return made_once(tmp_path_factory, "xades", lambda root: _signed_with(small_store, small, root, changes))


@pytest.fixture(scope="session")
def stamping_authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """An authority that answers for time-stamps on loopback: see tests/support/tsa.py."""
    return Authority(tmp_path_factory.mktemp("tsa"), tsa.PEOPLE)


@pytest.fixture(scope="session")
def stamped_store(
    request: pytest.FixtureRequest, few_store: Path, few: DemoSchool, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Classes of sixteen, with a time-stamp in every signature, which no other signature covers; never changed."""

    def make(root: Path) -> None:
        authority: Authority = request.getfixturevalue("stamping_authority")
        believing = tmp_path_factory.mktemp("believing") / "store"
        shutil.copytree(few_store, believing)
        tsa.pin(authority, believing)
        with tsa.serving(authority, tsa.good) as server:
            _signed_with(believing, few, root, {"xades": "có", "timestamps": server.url})

    return made_once(tmp_path_factory, "stamped", make)


def _signed_with(made_store: Path, demo: DemoSchool, root: Path, settings: dict[str, str]) -> None:
    shutil.copytree(made_store, root)
    if settings:
        change_settings(open_desk(root, "admin"), settings)
    whole_way(root, demo)


@pytest.fixture
def sealed_root(issued_store: Path, tmp_path: Path) -> Path:
    """A copy of the sealed school that a test may change."""
    root = tmp_path / "sealed"
    shutil.copytree(issued_store, root)
    return root
