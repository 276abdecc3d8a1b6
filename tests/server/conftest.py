"""The first way in is made once for all tests of this room: accounts, PAM, sshd, a server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hocba_tui.demo.school import DemoSchool
from hocba_tui.flow.desk import STAFF
from hocba_tui.flow.opening import open_desk
from hocba_tui.signing.training import key_file
from hocba_tui.store.backend import Edit
from tests.support.first_way import FirstWay
from tests.support.machine import require_root
from tests.support.once import copied
from tests.support.signed import fill_gaps, open_first_round

LOGINS = {"gv.5a": "gv.hoa", "gv.4a": "gv.lan", "admin": "hocba"}
"""Accounts of the school, and who they are on the machine; gv.la has no account of the school."""


@pytest.fixture(scope="module")
def made_store(made_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy for a module: who comes in through the door is noted in it."""
    return copied(made_store, tmp_path_factory.mktemp("made") / "store")


@pytest.fixture(scope="module")
def issued_store(issued_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy for a module, as above."""
    return copied(issued_store, tmp_path_factory.mktemp("issued") / "store")


@pytest.fixture(scope="session")
def first_way(few_store: Path, few: DemoSchool, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FirstWay]:
    """The school with classes of sixteen, 5A ready to be submitted; the key of its teacher is not in the store."""
    require_root()
    folder = tmp_path_factory.mktemp("first-way")
    root = copied(few_store, folder / "store")
    desk = open_desk(root, "admin")
    for account, name in LOGINS.items():
        held = desk.school_shard.document(STAFF, account).get("system_user")
        desk.school_shard.change("admin", "set_account", [Edit(STAFF, account, "system_user", held, name)])
    fill_gaps(root, few)
    open_first_round(root)
    key_file(root, "gv.5a").rename(folder / "gv.5a.p12")
    with FirstWay(folder / "machine", root) as found:
        yield found
