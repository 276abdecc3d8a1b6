"""Files from elsewhere on the screen: verdicts that come in, each file step by step, and whatever a folder may hold."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from hocba_tui.errors import NotAllowed, Refused
from hocba_tui.export.trust.verdict import FileVerdict, Step, Verdict
from hocba_tui.flow.opening import open_desk
from hocba_tui.flow.verify import browse as verify_elsewhere
from hocba_tui.flow.verify.browse import list_files, shown_name, verify_listed
from hocba_tui.flow.verify.files import Verified
from hocba_tui.screens.dialogs import Notice
from hocba_tui.screens.verdict import VerdictPage
from hocba_tui.screens.verifying import VerifyPage
from hocba_tui.widgets.rows import Rows
from tests.conftest import Open
from tests.support.activity import noted
from tests.support.foreign import Hands, make_hands
from tests.support.rival import THEIRS, Rival
from tests.support.text_of import screen_text, status, title, until

NOT_PINNED = "chưa ghim ở đây"
LONG = "d" * 240 + ".xml"


@pytest.fixture
def received(sealed_root: Path, tmp_path: Path) -> Path:
    """A folder as it may come in: two records, an altered one, a file that nobody can read, and odd names."""
    folder = tmp_path / "nhan-ve"
    folder.mkdir()
    first, second, third = sorted((sealed_root / "issued").glob("*.xml"))[:3]
    shutil.copy(first, folder / "1.xml")
    shutil.copy(second, folder / "2.XML")
    (folder / "3.xml").write_bytes(third.read_bytes().replace(b"<TEN_LOP>5A<", b"<TEN_LOP>5B<", 1))
    (folder / "4.xml").mkdir()
    (folder / "5\x1b[31m\n\u202egiả.xml").write_text("x")
    (folder / LONG).write_text("<a/>")
    (folder / "ghi-chu.txt").write_text("x")
    return folder


async def settled(pilot: Pilot[Any]) -> None:
    """Wait until all files have a verdict."""
    page = next(screen for screen in pilot.app.screen_stack if isinstance(screen, VerifyPage))
    for _ in range(1200):
        await pilot.pause(0.05)
        if page._round is None:
            await pilot.pause()
            return
    pytest.fail("still verifying")


async def verify(pilot: Pilot[Any], place: Path | str) -> None:
    pilot.app.screen.query_one(Input).value = str(place)
    await pilot.press("enter")
    await settled(pilot)


def rows(pilot: Pilot[Any]) -> list[tuple[str, ...]]:
    return [tuple(texts) for _, texts in pilot.app.screen.query_one(Rows)._rows]


async def test_a_folder_is_verified_file_by_file(open_app: Open, sealed_root: Path, received: Path) -> None:
    async with open_app("vanthu", "verify", sealed_root) as pilot:
        assert "học bạ" in title(pilot)
        await verify(pilot, received)
        found = rows(pilot)
        assert [row[0] for row in found[:3]] == ["✓ HỢP LỆ (tập huấn)"] * 2 + ["✗ KHÔNG HỢP LỆ"]
        assert found[0][2].endswith(" 5A")
        assert found[2][2].startswith("bước 3: ")
        assert "là thư mục" in found[3][2]
        assert [row[0][2:] for row in found[3:]] == ["KHÔNG KIỂM TRA ĐƯỢC"] * 3
        assert "Đã kiểm tra 6/6 tệp: 2 HỢP LỆ, 1 KHÔNG HỢP LỆ, 3 KHÔNG KIỂM TRA ĐƯỢC." in status(pilot)
        assert "KHÔNG CÓ GIÁ TRỊ PHÁP LÝ" in status(pilot)
        assert "ghi-chu" not in screen_text(pilot)
    assert [each.what for each in noted(sealed_root, "verify_files")] == ["record: 6"]


async def test_odd_names_neither_move_the_cursor_nor_break_the_lines(
    open_app: Open, sealed_root: Path, received: Path
) -> None:
    async with open_app("vanthu", "verify", sealed_root) as pilot:
        await verify(pilot, received)
        text = screen_text(pilot)
        assert not {"\x1b", "\u202e"} & set(text)
        assert "5�[31m �giả.xml" in text
        await pilot.press("end", "enter")
        await pilot.pause()
        assert "ddd" in title(pilot)
        assert len(screen_text(pilot).splitlines()) == 24
        await pilot.press("left")
        await pilot.pause()
        assert "5�[31m �giả.xml" in title(pilot)
        assert not {"\x1b", "\u202e"} & set(screen_text(pilot))
    assert shown_name(Path("\x1b\x07")) == "�"
    assert shown_name(Path("h\udcff.xml")) == "h�.xml"


async def test_a_file_is_shown_with_its_steps_signers_and_signed_values(
    open_app: Open, sealed_root: Path, received: Path
) -> None:
    async with open_app("hieutruong", "verify", sealed_root) as pilot:
        await verify(pilot, received)
        whose = rows(pilot)[0][2].removesuffix(" 5A")
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(pilot.app.screen, VerdictPage)
        assert "(1/6)" in title(pilot)
        said = screen_text(pilot)
        assert "✓ bước 10: thu hồi chứng thư" in said
        assert "✓ Giáo viên chủ nhiệm: " in said
        page = said
        for _ in range(6):
            await pilot.press("pagedown")
            await pilot.wait_for_scheduled_animations()
            await pilot.pause()
            page += screen_text(pilot)
        assert "Nội dung, đọc từ chính phần đã được ký" in page
        assert f"Họ và tên: {whose}" in page
        assert "Đánh giá kết quả giáo dục: " in page
        await pilot.press("right", "space")
        await pilot.pause()
        assert "KHÔNG HỢP LỆ (FAILED)" in status(pilot)
        assert "Không hiện nội dung" in screen_text(pilot)
        assert "5B" not in screen_text(pilot)
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(pilot.app.screen, VerifyPage)


async def test_the_filter_shows_what_is_not_valid_and_opens_the_right_file(
    open_app: Open, sealed_root: Path, received: Path
) -> None:
    async with open_app("vanthu", "verify", sealed_root) as pilot:
        await verify(pilot, received)
        await pilot.press("l")
        assert [row[1] for row in rows(pilot)] == ["3.xml"]
        assert "Đang lọc 1 tệp" in status(pilot)
        await pilot.press("home", "enter")
        await pilot.pause()
        assert title(pilot).endswith("(1/1) › 3.xml")
        await pilot.press("escape", "l")
        await pilot.pause()
        assert [row[0] for row in rows(pilot)] == ["? KHÔNG KIỂM TRA ĐƯỢC"] * 3
        await pilot.press("l")
        assert len(rows(pilot)) == 6


@pytest.fixture(scope="module")
def hands(tmp_path_factory: pytest.TempPathFactory) -> Hands:
    return make_hands(tmp_path_factory.mktemp("state"))


async def test_the_switch_judges_whatever_xml_it_is(
    open_app: Open, sealed_root: Path, received: Path, hands: Hands
) -> None:
    (received / "0-hoa-don.xml").write_bytes(hands.invoice())
    async with open_app("vanthu", "verify", sealed_root) as pilot:
        await verify(pilot, received)
        assert rows(pilot)[0][0] == "? KHÔNG KIỂM TRA ĐƯỢC"
        await pilot.press("f3")
        await settled(pilot)
        assert "tệp XML khác có chữ ký" in title(pilot)
        assert rows(pilot)[0][0] == "? CHƯA KẾT LUẬN ĐƯỢC"
        assert "? Trường Tiểu học Thử" in rows(pilot)[0][2]
        assert rows(pilot)[3][0] == "✗ KHÔNG HỢP LỆ"
        await pilot.press("home", "enter")
        await pilot.pause()
        assert "Chữ ký 1: CHƯA KẾT LUẬN ĐƯỢC (INDETERMINATE), ở /HDon/DSCKS/NBan/Signature" in screen_text(pilot)
        page = ""
        for _ in range(4):
            await pilot.press("pagedown")
            await pilot.wait_for_scheduled_animations()
            await pilot.pause()
            page += screen_text(pilot)
        assert "Không biết được từ tệp này:" in page
        assert "/HDon/DLHDon/TTChung/SHDon: 17" in page


async def test_more_files_than_one_process_takes_are_verified_by_several(
    open_app: Open, sealed_root: Path, tmp_path: Path
) -> None:
    """The pool's tracker could not start below a screen, whose stderr is no file."""
    many = tmp_path / "nhieu"
    many.mkdir()
    for number in range(170):
        (many / f"{number:03}.xml").write_text("<a/>")
    async with open_app("vanthu", "verify", sealed_root) as pilot:
        await verify(pilot, many)
        assert "Đã kiểm tra 170/170 tệp: 170 KHÔNG KIỂM TRA ĐƯỢC." in status(pilot)


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ("", "Chưa gõ đường dẫn"),
        ("   ", "Chưa gõ đường dẫn"),
        ("/khong/co/dau", "không có tệp hoặc thư mục này"),
        ("~khong-co-nguoi-nay/x", "đường dẫn không đúng dạng"),
        ("/" + "x" * 300, "tên quá dài"),
    ],
)
async def test_a_path_that_leads_nowhere_is_a_message(open_app: Open, typed: str, word: str) -> None:
    async with open_app("vanthu", "verify") as pilot:
        await verify(pilot, typed)
        assert isinstance(pilot.app.screen, Notice)
        assert word in screen_text(pilot).replace("\n", " ")
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(pilot.app.screen.focused, Input)
        assert status(pilot) == "Chưa kiểm tra được tệp nào."


async def test_the_screen_stays_alive_and_stops_when_told(
    open_app: Open, sealed_root: Path, received: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()

    def slow(paths: list[Path], *_: object, **__: object) -> Iterator[Verified]:
        for path in paths:
            yield Verified(path, FileVerdict(Verdict.PASSED, (Step(1, "đọc tệp", Verdict.PASSED),)))
            assert go_on.wait(60)

    monkeypatch.setattr(verify_elsewhere, "verify_files", slow)
    async with open_app("vanthu", "verify", sealed_root) as pilot:
        pilot.app.screen.query_one(Input).value = str(received)
        await pilot.press("enter")
        await until(pilot, lambda: "1/6" in status(pilot))
        assert [row[0] for row in rows(pilot)[:2]] == ["✓ HỢP LỆ", "…"]
        await pilot.press("down", "enter")
        await pilot.pause()
        assert isinstance(pilot.app.screen, VerifyPage)
        await pilot.press("up", "enter")
        await pilot.pause()
        assert "(1/1)" in title(pilot)
        await pilot.press("escape", "f4")
        go_on.set()
        await settled(pilot)
        assert status(pilot).startswith("Đã dừng. Đã kiểm tra 2/6 tệp")


async def test_leaving_ends_the_verifying(
    open_app: Open, sealed_root: Path, received: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left, ended = threading.Event(), threading.Event()
    given: list[Path] = []

    def slow(paths: list[Path], *_: object, **__: object) -> Iterator[Verified]:
        try:
            for path in paths:
                given.append(path)
                yield Verified(path, FileVerdict(Verdict.FAILED, ()))
                assert left.wait(60)
        finally:
            ended.set()

    monkeypatch.setattr(verify_elsewhere, "verify_files", slow)
    async with open_app("vanthu", "verify", sealed_root) as pilot:
        pilot.app.screen.query_one(Input).value = str(received)
        await pilot.press("enter")
        await until(pilot, lambda: bool(given))
        await pilot.press("escape")
        await pilot.pause()
        assert not isinstance(pilot.app.screen, VerifyPage)
        left.set()
        assert ended.wait(60)
        assert len(given) < 6


async def test_a_process_that_dies_is_a_message_and_what_was_found_stays(
    open_app: Open, sealed_root: Path, received: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dying(paths: list[Path], *_: object, **__: object) -> Iterator[Verified]:
        yield Verified(paths[0], FileVerdict(Verdict.PASSED, ()))
        raise Refused("Tiến trình kiểm tra bị dừng giữa chừng.")

    monkeypatch.setattr(verify_elsewhere, "verify_files", dying)
    async with open_app("vanthu", "verify", sealed_root) as pilot:
        await verify(pilot, received)
        assert "bị dừng giữa chừng" in screen_text(pilot).replace("\n", " ")
        await pilot.press("enter")
        await pilot.pause()
        assert [row[0] for row in rows(pilot)[:2]] == ["✓ HỢP LỆ", "…"]


def test_a_folder_that_vanishes_leaves_files_that_cannot_be_read(sealed_root: Path, received: Path) -> None:
    desk = open_desk(sealed_root, "vanthu")
    listed = list_files(desk, str(received))
    shutil.rmtree(received)
    found = list(verify_listed(desk, listed.paths, lambda: False, any_xml=False))
    assert {one.label for one in found} == {"KHÔNG KIỂM TRA ĐƯỢC"}
    assert all("không có tệp này" in one.verdict.reason for one in found)
    with pytest.raises(Refused, match="không có tệp hoặc thư mục này"):
        list_files(desk, str(received))


def test_a_folder_of_thousands_is_cut_off_and_the_rest_is_counted(
    sealed_root: Path, received: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify_elsewhere, "MAX_FILES", 4)
    listed = list_files(open_desk(sealed_root, "vanthu"), str(received))
    assert ([path.name for path in listed.paths], listed.more) == (["1.xml", "2.XML", "3.xml", "4.xml"], 2)
    (received.parent / "trong").mkdir()
    with pytest.raises(Refused, match=r"không có tệp \.xml nào"):
        list_files(open_desk(sealed_root, "vanthu"), str(received.parent / "trong"))
    with pytest.raises(Refused, match="không đúng dạng"):
        list_files(open_desk(sealed_root, "vanthu"), "a\x00b")


@pytest.mark.parametrize("account", ["gv.5a", "admin"])
async def test_who_may_not_see_every_pupil_may_not_read_files_of_the_server(
    open_app: Open, sealed_root: Path, received: Path, account: str
) -> None:
    desk = open_desk(sealed_root, account)
    with pytest.raises(NotAllowed):
        list_files(desk, str(received))
    with pytest.raises(NotAllowed):
        next(verify_listed(desk, [received / "1.xml"], lambda: False, any_xml=False))
    async with open_app(account, root=sealed_root) as pilot:
        assert "Kiểm tra tệp từ nơi khác" not in screen_text(pilot)


@pytest.mark.parametrize("account", ["hieutruong", "phohieutruong", "vanthu"])
async def test_home_and_palette_lead_there(open_app: Open, account: str) -> None:
    async with open_app(account) as pilot:
        assert "Kiểm tra tệp từ nơi khác" in screen_text(pilot)
        await pilot.press("ctrl+p")
        await pilot.press(*"kiem tra tep", "enter")
        await pilot.pause()
        assert isinstance(pilot.app.screen, VerifyPage)
        await pilot.press("f1")
        await pilot.pause()
        assert "Loại tệp" in screen_text(pilot)


async def test_the_clerk_pins_the_seal_of_another_school_and_keeps_the_report(
    open_app: Open, sealed_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The record is one of this school's own authority, sealed by a school that is not pinned yet."""
    rival = Rival(min((sealed_root / "issued").glob("*.xml")).read_bytes())
    (sealed_root / "trust" / "ca.pem").write_bytes(rival.root.as_pem)
    data = rival.file(rival.teacher, rival.principal, rival.other_seal, changed={"MA_TRUONG": THEIRS})
    path = tmp_path / "khac.xml"
    path.write_bytes(data)
    monkeypatch.setenv("HOME", str(tmp_path))
    async with open_app("vanthu", "verify", sealed_root) as pilot:
        await verify(pilot, path)
        await pilot.press("home", "enter")
        await pilot.pause()
        assert NOT_PINNED in " ".join(screen_text(pilot).split())
        await pilot.press("f3", "1")
        await pilot.pause()
        said = screen_text(pilot)
        assert "Trường Tiểu học Khác" in said
        digits = rival.other_seal.sha256
        await pilot.press("down", *"00000000", "f2")
        await pilot.pause()
        assert "Không khớp" in screen_text(pilot)
        await pilot.press(*["backspace"] * 8, *digits[-8:], "f2")
        await pilot.pause()
        assert NOT_PINNED not in " ".join(screen_text(pilot).split())
        await pilot.press("x", "enter")
        await pilot.pause()
        assert "Đã ghi báo cáo" in status(pilot)
    report = (tmp_path / "kiem-tra-khac.txt").read_text("utf-8")
    assert report.startswith("BÁO CÁO KIỂM TRA CHỮ KÝ SỐ")
    for said in ("toàn vẹn", "nơi cấp", "đơn vị quản lý", "có hiệu lực từ", "khai ký lúc", "SHA-256 của tệp"):
        assert said in report
    assert f"mã trường {THEIRS}" in report
