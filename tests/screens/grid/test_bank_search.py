"""The bank of comments from the editor: search, insert, codes, words that others have, words of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from textual.pilot import Pilot
from textual.widgets import Input, OptionList

from hocba_tui.errors import NotSaved
from hocba_tui.flow.comments.bank import bank_of, keep, on_shelf
from hocba_tui.flow.desk import Desk
from hocba_tui.flow.grades.enter import Typed, enter
from hocba_tui.flow.opening import open_desk
from hocba_tui.flow.preferences import bank_use
from hocba_tui.model.bank import BankEntry, Shelf
from hocba_tui.model.pupil import Pupil, Sex
from hocba_tui.model.results import AWARD, Cell, Results
from hocba_tui.screens.bank import BankSearch
from hocba_tui.screens.dialogs import AskFields, Choose, Confirm, Notice
from hocba_tui.screens.editor import Editor, EditText
from hocba_tui.store.folder import FolderStore
from hocba_tui.widgets.typing_area import TypingArea
from tests.conftest import Open
from tests.screens.grid.test_grid_page import settle, stored
from tests.support.text_of import agree, screen_text, status

COMMENT = Cell.parse("end_year.TV.comment")
LEVEL = Cell.parse("end_year.TV.level")


def desk(root: Path, account: str = "gv.5a") -> Desk:
    return open_desk(root, account)


def girl(root: Path) -> Pupil:
    """Return a girl who is good at Tiếng Việt and of whom nothing is said yet."""
    at_work = desk(root)
    results = at_work.results("5A")
    found = next(
        pupil for pupil in at_work.pupils("5A")
        if pupil.sex == Sex.FEMALE and pupil.assessed and results[pupil.key].text(LEVEL) == "T"
    )  # fmt: skip
    say(root, found, "")
    return found


def say(root: Path, pupil: Pupil, text: str) -> None:
    at_work = desk(root)
    before = at_work.results("5A").get(pupil.key, Results({})).text(COMMENT) or None
    if text or before:
        done = enter(at_work, "5A", [Typed(pupil.key, COMMENT, text, before)])
        assert done.refused == ()


def others(root: Path, pupil: Pupil) -> list[Pupil]:
    return [other for other in desk(root).pupils("5A") if other.key != pupil.key and other.assessed]


async def edit(pilot: Pilot[Any]) -> Editor:
    await pilot.press("enter")
    await pilot.pause()
    assert isinstance(pilot.app.screen, EditText)
    editor = pilot.app.screen.query_one(Editor)
    assert isinstance(editor, TypingArea)
    return editor


async def search(pilot: Pilot[Any], key: str = "f8") -> BankSearch:
    await pilot.press(key)
    await pilot.pause()
    assert isinstance(pilot.app.screen, BankSearch)
    return pilot.app.screen


def opened(open_app: Open, pupil: Pupil, account: str = "gv.5a", field: str = COMMENT.field) -> Any:
    return open_app(account, "grid", class_key="5A", pupil=pupil.key, field=field)


@pytest.mark.parametrize("key", ["f8", "ctrl+f"])
async def test_the_bank_opens_for_this_comment_and_enter_inserts(open_app: Open, store_root: Path, key: str) -> None:
    pupil = girl(store_root)
    name = pupil.name.split()[-1]
    async with opened(open_app, pupil) as pilot:
        editor = await edit(pilot)
        await search(pilot, key)
        assert "Tiếng Việt · mức T · khối 5 (đúng mức, đúng khối)" in screen_text(pilot)
        await pilot.press(*"dung tu chinh xac")
        await pilot.pause()
        assert f"{name} dùng từ chính xác" in screen_text(pilot)
        await pilot.press("enter")
        await pilot.pause()
        said = f"{name} dùng từ chính xác, viết câu mạch lạc, biết dùng biện pháp so sánh và nhân hóa."
        assert editor.text == said
        assert f"{len(said)}/500 ký tự" in screen_text(pilot)
        await pilot.press("enter")
        await settle(pilot)
    assert stored(store_root, pupil.key, COMMENT) == said
    assert bank_use(desk(store_root)) == {"tvt16": 1}


async def test_the_text_comes_in_at_the_cursor_with_a_space(open_app: Open, store_root: Path) -> None:
    pupil = girl(store_root)
    async with opened(open_app, pupil) as pilot:
        editor = await edit(pilot)
        await pilot.press(*"Ngoan. Het")
        await pilot.press(*["left"] * 4)
        await search(pilot)
        await pilot.press(*"tvt14", "enter")
        await pilot.pause()
        assert editor.text == "Ngoan. Đọc diễn cảm, hiểu sâu nội dung và nêu được cảm nhận riêng về bài đọc. Het"
        await pilot.press("ctrl+z")
        assert editor.text == "Ngoan. Het"


async def test_what_is_selected_is_replaced(open_app: Open, store_root: Path) -> None:
    pupil = girl(store_root)
    async with opened(open_app, pupil) as pilot:
        editor = await edit(pilot)
        await pilot.press(*"Ngoan qua")
        await pilot.press("shift+home")
        await search(pilot)
        await pilot.press(*"tvt14", "enter")
        await pilot.pause()
        assert editor.text.startswith("Đọc diễn cảm")
        assert "qua" not in editor.text


async def test_giving_up_the_bank_changes_nothing(open_app: Open, store_root: Path) -> None:
    pupil = girl(store_root)
    async with opened(open_app, pupil) as pilot:
        editor = await edit(pilot)
        await pilot.press(*"Ngoan")
        await search(pilot)
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(pilot.app.screen, EditText)
        assert editor.text == "Ngoan"
    assert bank_use(desk(store_root)) == {}


async def test_arrows_choose_pages_stop_at_the_ends_and_the_whole_text_is_shown(
    open_app: Open, store_root: Path
) -> None:
    pupil = girl(store_root)
    async with opened(open_app, pupil) as pilot:
        await edit(pilot)
        page = await search(pilot)
        options = page.query_one(OptionList)
        await pilot.press("up")
        assert options.highlighted == len(page._shown) - 1
        await pilot.press("down", "down")
        assert options.highlighted == 1
        await pilot.press("pageup")
        assert options.highlighted == 0
        for _ in range(9):
            await pilot.press("pagedown")
        assert options.highlighted == len(page._shown) - 1
        await pilot.press(*"vao bien")
        await pilot.press(*["backspace"] * 8)
        await pilot.press(*"lap luan")
        await pilot.pause()
        assert "Không có lời nào như vậy" in screen_text(pilot)
        await pilot.press("enter")
        assert isinstance(pilot.app.screen, BankSearch)


async def test_f5_widens_from_the_level_to_the_subject_to_all(open_app: Open, store_root: Path) -> None:
    pupil = girl(store_root)
    async with opened(open_app, pupil) as pilot:
        await edit(pilot)
        page = await search(pilot)
        assert {offer.entry.levels for offer in page._shown} == {"T"}
        await pilot.press("f5")
        await pilot.pause()
        assert {offer.entry.levels for offer in page._shown} == {"T", "H", "C"}
        assert "mọi mức của mục này" in screen_text(pilot)
        await pilot.press("ctrl+l")
        await pilot.press(*"phep chia")
        await pilot.pause()
        assert {offer.entry.item for offer in page._shown} == {"TOAN"}
        await pilot.press("f5")
        await pilot.pause()
        assert page._shown == []


async def test_em_becomes_con_for_good(open_app: Open, store_root: Path) -> None:
    pupil = girl(store_root)
    async with opened(open_app, pupil) as pilot:
        editor = await edit(pilot)
        await search(pilot)
        await pilot.press("f6", *"tvt15", "enter")
        await pilot.pause()
        assert editor.text.startswith("Con viết bài văn")
    async with opened(open_app, pupil) as pilot:
        editor = await edit(pilot)
        editor.clear()
        await pilot.press(*"tvt15", "tab")
        assert editor.text.startswith("Con viết bài văn")


async def test_telex_is_typed_in_the_search_too(open_app: Open, store_root: Path) -> None:
    pupil = girl(store_root)
    async with opened(open_app, pupil) as pilot:
        await pilot.press("f9")
        await edit(pilot)
        page = await search(pilot)
        await pilot.press(*"dieenx camr")
        await pilot.pause()
        assert page.query_one(Input).value == "diễn cảm"
        assert len(page._shown) == 1


@pytest.mark.parametrize("method", [0, 1, 2])
async def test_a_code_and_tab_become_the_comment(open_app: Open, store_root: Path, method: int) -> None:
    pupil = girl(store_root)
    async with opened(open_app, pupil) as pilot:
        await pilot.press(*["f9"] * method)
        editor = await edit(pilot)
        await pilot.press(*"Ngoan. tvt14", "tab", *" x")
        assert editor.text == ("Ngoan. Đọc diễn cảm, hiểu sâu nội dung và nêu được cảm nhận riêng về bài đọc. x")
    assert bank_use(desk(store_root)) == {"tvt14": 1}


async def test_a_word_that_is_no_code_stays_and_is_told(open_app: Open, store_root: Path) -> None:
    pupil = girl(store_root)
    async with opened(open_app, pupil) as pilot:
        editor = await edit(pilot)
        await pilot.press(*"Ngoan", "tab")
        await pilot.pause()
        assert editor.text == "Ngoan"
        assert "Không có mã “Ngoan”. F8: xem lời mẫu và mã." in screen_text(pilot)
        await pilot.press("space", "tab")
        await pilot.pause()
        assert "Gõ mã của lời mẫu rồi bấm Tab." in screen_text(pilot)


async def test_words_that_others_have_are_marked_and_other_words_offered(open_app: Open, store_root: Path) -> None:
    pupil = girl(store_root)
    words = "Nắm vững kiến thức về từ và câu, vận dụng linh hoạt khi viết."
    for other in others(store_root, pupil)[:4]:
        say(store_root, other, words)
    async with opened(open_app, pupil) as pilot:
        editor = await edit(pilot)
        await search(pilot)
        await pilot.press(*"tvt17")
        await pilot.pause()
        assert "!4 em có" in screen_text(pilot)
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(pilot.app.screen, Choose)
        assert "4 em khác đã có lời này. Nói cách khác?" in screen_text(pilot)
        await pilot.press("enter")
        await pilot.pause()
        assert editor.text
        assert editor.text != words
        assert "em khác cùng lời này" not in screen_text(pilot)
        editor.text = words
        await pilot.pause()
        assert "4 em khác cùng lời này; F8: lời khác" in screen_text(pilot)


async def test_whoever_wants_the_shared_words_has_them(open_app: Open, store_root: Path) -> None:
    pupil = girl(store_root)
    words = "Nắm vững kiến thức về từ và câu, vận dụng linh hoạt khi viết."
    for other in others(store_root, pupil)[:4]:
        say(store_root, other, words)
    async with opened(open_app, pupil) as pilot:
        editor = await edit(pilot)
        await search(pilot)
        await pilot.press(*"tvt17", "enter")
        await pilot.pause()
        await pilot.press("end", "enter")
        await pilot.pause()
        assert editor.text == words


async def test_the_words_in_the_editor_are_kept_for_others_with_a_place_for_the_name(
    open_app: Open, store_root: Path
) -> None:
    pupil = girl(store_root)
    name = pupil.name.split()[-1]
    async with opened(open_app, pupil) as pilot:
        editor = await edit(pilot)
        editor.text = f"{name} kể chuyện rất có duyên."
        await pilot.press("f5")
        await pilot.pause()
        assert isinstance(pilot.app.screen, AskFields)
        assert "{ten} kể chuyện rất có duyên." in screen_text(pilot)
        assert "tvtr1" in screen_text(pilot)
        await pilot.press("f2")
        await pilot.pause()
        assert "Đã giữ lời này, mã tvtr1" in screen_text(pilot)
        editor.text = "tvtr1"
        await pilot.press("end", "tab")
        assert editor.text == f"{name} kể chuyện rất có duyên."
    kept = BankEntry("tvtr1", "{ten} kể chuyện rất có duyên.", "TV", "T", shelf=Shelf.OWN)
    assert on_shelf(desk(store_root), Shelf.OWN) == (kept,)
    assert kept not in bank_of(desk(store_root, "gv.4a"))


async def test_a_name_that_is_only_a_word_stays_a_word(open_app: Open, store_root: Path) -> None:
    pupil = girl(store_root)
    name = pupil.name.split()[-1]
    async with opened(open_app, pupil) as pilot:
        editor = await edit(pilot)
        editor.text = f"{name} là một từ hay."
        await pilot.press("ctrl+t")
        await pilot.pause()
        await pilot.press("enter", "backspace", "k", "f2")
        await pilot.pause()
    assert [entry.text for entry in on_shelf(desk(store_root), Shelf.OWN)] == [f"{name} là một từ hay."]


async def test_what_cannot_be_kept_says_why_and_loses_nothing(
    open_app: Open, store_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pupil = girl(store_root)
    async with opened(open_app, pupil) as pilot:
        editor = await edit(pilot)
        editor.text = "Kể chuyện rất có duyên."
        await pilot.press("f5")
        await pilot.pause()
        await pilot.press("ctrl+u", "1", "enter")
        await pilot.pause()
        assert "Mã “1” phải có từ 1 đến 12 chữ cái" in screen_text(pilot)

        def full(_: int) -> None:
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as patch:
            patch.setattr("hocba_tui.store.syncing.os.fdatasync", full)
            await pilot.press("ctrl+u", "a", "1", "enter")
            await pilot.pause()
            assert isinstance(pilot.app.screen, AskFields)
        assert on_shelf(desk(store_root), Shelf.OWN) == ()
        await pilot.press("enter")
        await pilot.pause()
        assert editor.text == "Kể chuyện rất có duyên."
    assert [entry.code for entry in on_shelf(desk(store_root), Shelf.OWN)] == ["a1"]


async def test_a_full_disk_that_cannot_count_a_use_stops_nobody(
    open_app: Open, store_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pupil = girl(store_root)

    def refuse(*_: object) -> None:
        raise NotSaved("Đĩa đầy; chưa lưu được.")

    async with opened(open_app, pupil) as pilot:
        editor = await edit(pilot)
        monkeypatch.setattr(FolderStore, "keep_draft", refuse)
        await pilot.press(*"tvt14", "tab")
        assert editor.text.startswith("Đọc diễn cảm")


async def test_an_award_has_no_bank(open_app: Open, store_root: Path) -> None:
    pupil = girl(store_root)
    async with opened(open_app, pupil, field=AWARD.field) as pilot:
        editor = await edit(pilot)
        await pilot.press("f8")
        await pilot.pause()
        assert isinstance(pilot.app.screen, EditText)
        assert "Ô này không có lời mẫu." in screen_text(pilot)
        await pilot.press(*"tvt14", "tab", "f5")
        await pilot.pause()
        assert editor.text == "tvt14"


async def test_the_schools_words_and_ones_own_are_told_apart(open_app: Open, store_root: Path) -> None:
    pupil = girl(store_root)
    keep(desk(store_root, "hieutruong"), [BankEntry("s1", "Lời do trường đặt ra.", "TV", "T")], Shelf.SCHOOL)
    keep(desk(store_root), [BankEntry("m1", "Lời do tôi đặt ra.", "TV", "T")], Shelf.OWN)
    async with opened(open_app, pupil) as pilot:
        await edit(pilot)
        await search(pilot)
        assert "Lời do tôi đặt ra. (của tôi)" in screen_text(pilot)
        await pilot.press("down")
        await pilot.pause()
        assert "Lời do trường đặt ra. (của trường)" in screen_text(pilot)


async def test_only_ones_own_words_are_taken_off_and_after_a_yes(open_app: Open, store_root: Path) -> None:
    pupil = girl(store_root)
    keep(desk(store_root), [BankEntry("tvt14", "Lời do tôi đặt ra.", "TV", "T")], Shelf.OWN)
    async with opened(open_app, pupil) as pilot:
        await edit(pilot)
        await search(pilot)
        await pilot.press("down", "f4")
        await pilot.pause()
        assert "Chỉ xóa được lời của tôi." in screen_text(pilot)
        await pilot.press("up", "ctrl+t")
        await pilot.pause()
        assert isinstance(pilot.app.screen, Confirm)
        await pilot.press("escape")
        await pilot.pause()
        assert "Lời do tôi đặt ra." in screen_text(pilot)
        await pilot.press("f4")
        await agree(pilot)
        await pilot.pause()
        assert "Lời do tôi đặt ra." not in screen_text(pilot)
        assert "Đọc diễn cảm, hiểu sâu" in screen_text(pilot)
    assert on_shelf(desk(store_root), Shelf.OWN) == ()


async def test_the_bank_goes_out_to_excel_and_what_was_added_there_comes_in(
    open_app: Open, store_root: Path, tmp_path: Path
) -> None:
    pupil = girl(store_root)
    async with opened(open_app, pupil) as pilot:
        await edit(pilot)
        await search(pilot)
        await pilot.press("f7")
        await pilot.pause()
        box = pilot.app.screen.query_one(Input)
        box.value = str(tmp_path / "bank.csv")
        await pilot.press("enter")
        await pilot.pause()
        assert "kết thúc bằng .xlsx" in screen_text(pilot)
        box.value = str(tmp_path / "bank.xlsx")
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(pilot.app.screen, BankSearch)
        assert "Đã ghi vào" in screen_text(pilot)
    changed = load_workbook(tmp_path / "bank.xlsx")
    changed.worksheets[0].append(["x1", "Toán", "T", "", "", "Lời tôi thêm trong Excel."])
    changed.save(tmp_path / "changed.xlsx")
    async with open_app("gv.5a", "intake", kind="bank") as pilot:
        pilot.app.screen.query_one(Input).value = str(tmp_path / "changed.xlsx")
        await pilot.press("enter")
        await pilot.pause()
        assert "1 mới" in status(pilot)
        await pilot.press("f2")
        await pilot.pause()
        assert status(pilot) == "Đã ghi 1 lời nhận xét."
    assert [entry.code for entry in on_shelf(desk(store_root), Shelf.OWN)] == ["x1"]


async def test_a_teacher_brings_nothing_into_the_schools_bank(open_app: Open, tmp_path: Path) -> None:
    async with open_app("gv.5a", "intake", kind="school_bank") as pilot:
        pilot.app.screen.query_one(Input).value = str(tmp_path / "none.xlsx")
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(pilot.app.screen, Notice)
        assert "hiệu trưởng hoặc phó hiệu trưởng" in screen_text(pilot)
