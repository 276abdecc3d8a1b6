"""Whose certificate is registered and until when; a token that is plugged in is registered from the screen."""

from __future__ import annotations

from pathlib import Path

import pytest

from hocba_tui.flow.opening import open_desk
from hocba_tui.flow.reports.certificate_note import SEAL
from hocba_tui.flow.reports.certificates import certificates
from hocba_tui.flow.reports.home_tasks import tasks
from hocba_tui.screens.desk.certificates import CertificatesPage
from hocba_tui.screens.dialogs import Choose, Confirm, Notice
from hocba_tui.store.backend import SCHOOL, Edit
from hocba_tui.widgets.rows import Rows
from tests.conftest import DeskAs, Open
from tests.flow.records.test_register_certificate import Plug, module, plug  # noqa: F401 - fixtures
from tests.support.eight import demo, made_store  # noqa: F401 - fixtures: how many pupils there are shows nothing here
from tests.support.text_of import agree, choose, press_seen, screen_text, status, until_on


def write(root: Path, *edits: Edit) -> None:
    """Write what a registration writes, from what is there."""
    shard = open_desk(root, "admin").school_shard
    now = [Edit(e.table, e.key, e.field, shard.document(e.table, e.key).get(e.field), e.after) for e in edits]
    shard.change("admin", "register_certificate", [edit for edit in now if edit.before != edit.after])


@pytest.mark.parametrize(
    ("account", "others", "seal"),
    [("admin", True, True), ("hieutruong", True, True), ("vanthu", False, True), ("gv.5a", False, False)],
)
def test_who_keeps_the_accounts_sees_all_others_their_own(
    desk_as: DeskAs, account: str, *, others: bool, seal: bool
) -> None:
    found = {held.account for held in certificates(desk_as(account))}
    assert (SEAL in found) == seal
    assert bool(found - {SEAL, account}) == others
    assert {"gv.1a", "gv.5a", "hieutruong", "phohieutruong"} <= found or not others


def test_who_signs_and_has_none_is_named_and_nobody_who_has_left(desk_as: DeskAs, store_root: Path) -> None:
    write(
        store_root,
        Edit("staff", "gv.5a", "certificate", None, None),
        Edit("staff", "gv.4a", "left", None, "2026-01-01"),
    )
    found = {held.account: held for held in certificates(desk_as("admin"))}
    assert (found["gv.5a"].words, found["gv.5a"].wrong) == ("chưa đăng ký", True)
    assert "gv.4a" not in found
    row = next(task for task in tasks(desk_as("admin")) if task.label == "Chứng thư số")
    assert "1 chưa đăng ký" in row.detail
    own = [task.detail for task in tasks(desk_as("gv.5a")) if task.screen == "certificates"]
    assert own == ["chưa đăng ký"], "who signs is told, and finds the page"
    assert not [task for task in tasks(desk_as("gv.1a")) if task.screen == "certificates"]


async def test_what_ends_before_the_deadline_is_marked_and_said_whole(open_app: Open, store_root: Path) -> None:
    write(
        store_root, Edit("staff", "gv.5a", "certificate_until", None, "2026-06-20"),
        Edit(SCHOOL, SCHOOL, "seal_until", None, "2026-06-01"), Edit("staff", "gv.4a", "certificate_until", None, None),
    )  # fmt: skip
    async with open_app("admin", "certificates") as pilot:
        rows = pilot.app.screen.query_one(Rows)
        said = dict(rows.words())
        assert said[SEAL].startswith("! · Con dấu của trường · 01/06/2026 · đã hết hạn")
        assert "20/06/2026 · sắp hết hạn" in said["gv.5a"]
        assert "chưa rõ ngày hết hạn" in said["gv.4a"]
        assert all("…" not in rows._line(texts) for _, texts in rows._rows), "whole at 80 columns"
        rows.go_to("gv.5a")
        await pilot.pause()
        assert "hết hạn 20/06/2026, trước hạn nộp" in status(pilot)
        await press_seen(pilot, "enter")
        await until_on(pilot, Notice)
        assert "SHA-256" in screen_text(pilot)


async def test_a_token_is_registered_from_the_screen(open_app: Open, store_root: Path, plug: Plug) -> None:  # noqa: F811
    name = open_desk(store_root, "gv.5a").actor.name
    sha256 = plug(name)
    async with open_app("gv.5a", "certificates") as pilot:
        await choose(pilot, "Đăng ký")
        await until_on(pilot, Choose)
        assert name in screen_text(pilot)
        await press_seen(pilot, "enter")
        await until_on(pilot, Confirm)
        assert "thôi dùng từ bây giờ" in " ".join(screen_text(pilot).replace("│", "").split())
        assert open_desk(store_root, "gv.5a").actor.certificate != sha256
        await agree(pilot)
        await until_on(pilot, Notice)
        await press_seen(pilot, "enter")
        await until_on(pilot, CertificatesPage)
        assert status(pilot).startswith("Đã đăng ký cho")
    person = open_desk(store_root, "gv.5a").actor
    assert person.certificate == sha256
    assert person.certificate_until


async def test_a_certificate_of_an_unknown_issuer_is_refused_with_the_reason(
    open_app: Open,
    store_root: Path,
    plug: Plug,  # noqa: F811
) -> None:
    before = open_desk(store_root, "gv.5a").actor.certificate
    plug(open_desk(store_root, "gv.5a").actor.name, trusted=False)
    async with open_app("gv.5a", "certificates") as pilot:
        await choose(pilot, "Đăng ký")
        await until_on(pilot, Choose)
        await press_seen(pilot, "enter")
        await until_on(pilot, Confirm)
        await agree(pilot)
        await until_on(pilot, Notice)
    assert open_desk(store_root, "gv.5a").actor.certificate == before


async def test_without_a_token_the_way_is_said(open_app: Open) -> None:
    async with open_app("vanthu", "certificates") as pilot:
        await choose(pilot, "Đăng ký")
        await until_on(pilot, Notice)
        assert "Không thấy chứng thư nào" in screen_text(pilot)
        await press_seen(pilot, "enter")
        await until_on(pilot, CertificatesPage)
