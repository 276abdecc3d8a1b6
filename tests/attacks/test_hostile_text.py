"""Words of a portal, a token, a certificate, a file and an argument, on every way to a person's terminal."""

from __future__ import annotations

import ast
import contextlib
import json
import re
import shutil
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from openpyxl import Workbook
from rich.cells import cell_len

import hocba_tui
from hocba_tui.cli.main import main
from hocba_tui.cli.terminal import filtered, print_json
from hocba_tui.config import softhsm_module
from hocba_tui.export.record.profile import load_profile
from hocba_tui.export.record.record_words import record_words
from hocba_tui.export.trust.certificate import holder_name, in_words, load_certificate
from hocba_tui.flow.desk import RECORDS
from hocba_tui.flow.opening import open_desk
from hocba_tui.flow.portal.outbox import outbox, receipts
from hocba_tui.flow.records.keys import holder_of
from hocba_tui.model.values import RecordState
from hocba_tui.screens.dialogs import Choose
from hocba_tui.screens.page import Page
from hocba_tui.signing.token import list_tokens
from hocba_tui.store.backend import Edit
from hocba_tui.widgets.rows import Rows
from tests.conftest import Open, require_tool
from tests.support import hostile_server as hostile
from tests.support.hostile_server import Answer, answering
from tests.support.hostile_text import C1, ESCAPES, EVERYTHING, FORGED_LINE, HOSTILE, TURNED, tame
from tests.support.text_of import screen_text
from tests.support.tokens import OddKey, make_token, self_signed

PACKAGE = Path(hocba_tui.__file__).parent
OUR_COLOURS = re.compile(r"\x1b\[(?:\d+(?:;\d+)*)?m")
FORGED = "Lớp 5A: 31 học bạ, đã có kết quả"


def lines_of(printed: str) -> list[str]:
    assert tame(printed), repr(printed)
    return printed.splitlines()


def refusing(root: Path, text: str) -> hostile.Behaviour:
    """Take every package, and refuse each record in the words of ``text``."""
    uuids = [uuid for package in outbox(open_desk(root, "vanthu")) for uuid in package.uuids]
    row = {"trang_thai": 0, "error": text, "error_field_title": text, "error_description": text}

    def answer(to: Answer) -> None:
        kind = json.loads(to.body)["authenticationRequest"]["type"]
        rows = [{"ma_tra_cuu_uuid": uuid, **row} for uuid in uuids]
        to.send(json.dumps({"Error": "0"} if kind == 1 else {"Error": "0", "data": rows}).encode())

    return answer


@pytest.mark.parametrize("text", HOSTILE)
def test_a_portal_that_refuses_a_package_does_not_write_on_the_clerks_screen(
    sealed_root: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    answer = json.dumps({"Error": "E99", "ErrorDescription": text})
    with answering(hostile.says(answer)) as server:
        assert main(["send", "--portal", server.url, "--store", str(sealed_root), "--as", "vanthu"]) == 8
    said = lines_of(capsys.readouterr().err)
    assert said[0].startswith("hocba: Cổng không nhận gói")
    assert not any(line.startswith((FORGED, "hocba: xong")) for line in said)


def test_receipts_reach_nobody_with_what_a_portal_put_into_them(
    sealed_root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ["--store", str(sealed_root), "--as", "vanthu"]
    with answering(refusing(sealed_root, EVERYTHING)) as server:
        assert main(["send", "--portal", server.url, *where]) == 1
    assert main(["receipts", *where]) == 1
    said = lines_of(capsys.readouterr().out)
    assert not any(line.startswith((FORGED, "hocba: xong")) for line in said[1:])
    for kept in sealed_root.rglob("journal.log"):
        written = kept.read_text(encoding="utf-8")
        assert "PWNED" not in written or "\\u001b" not in written


def spoil(root: Path, text: str) -> str:
    """Put what an older version kept of a portal into a record, and return the pupil's key."""
    desk = open_desk(root, "vanthu")
    shard = desk.class_shard("5A")
    key, held = next((k, r) for k, r in desk.records("5A").items() if r.state is RecordState.ISSUED)
    edits = [
        Edit(RECORDS, key, "state", held.state.value, RecordState.SENT.value),
        Edit(RECORDS, key, "reason", None, text),
    ]
    shard.change("vanthu", "receipts", edits)
    return key


async def test_a_dirty_receipt_of_an_older_store_is_harmless_when_it_is_shown(
    open_app: Open, sealed_root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key = spoil(sealed_root, EVERYTHING)
    assert all(found.reason.isprintable() for found in receipts(open_desk(sealed_root, "vanthu")))
    main(["receipts", "--store", str(sealed_root), "--as", "vanthu"])
    main(["store", "history", "--class", "5A", "--pupil", key, "--store", str(sealed_root), "--as", "gv.5a"])
    said = lines_of(capsys.readouterr().out)
    assert any("PWNED" in line for line in said)
    assert not any(line.startswith((FORGED, "hocba: xong")) for line in said)
    async with open_app("vanthu", "receipts", sealed_root, class_key="5A") as pilot:
        assert "PWNED" in "".join(screen_text(pilot))


def test_a_dirty_receipt_of_an_older_store_can_still_be_replaced(sealed_root: Path) -> None:
    key = spoil(sealed_root, EVERYTHING)
    with answering(refusing(sealed_root, "sai mã")) as server:
        main(["send", "--portal", server.url, "--store", str(sealed_root), "--as", "vanthu"])
    found = open_desk(sealed_root, "vanthu").records("5A")[key]
    assert (found.state, found.reason) == (RecordState.REJECTED, "sai mã: sai mã (sai mã)")


@pytest.mark.parametrize("text", HOSTILE)
async def test_nothing_painted_by_a_widget_steers_the_terminal(open_app: Open, text: str) -> None:
    """Whatever a page says: what goes to the terminal holds no sequence of the text."""
    async with open_app("gv.5a") as pilot:
        page = pilot.app.screen
        assert isinstance(page, Page)
        page.say(text)
        page.query_one(Rows).fill([("one", [text] * len(page.query_one(Rows)._columns))])
        pilot.app.notify(text, markup=False)
        await pilot.pause()
        for strip in page._compositor.render_strips():
            assert OUR_COLOURS.sub("", strip.render(pilot.app.console)).isprintable()
            assert cell_len(OUR_COLOURS.sub("", strip.render(pilot.app.console))) == strip.cell_length


@pytest.mark.parametrize("text", HOSTILE)
def test_what_somebody_typed_is_not_obeyed_when_it_is_repeated(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    typed = text.replace("\0", "")
    for arguments in (
        ["check", "--class", typed, "--store", str(tmp_path)],
        ["store", "check", "--store", typed],
        ["verify", f"{tmp_path}/{typed}"],
        ["verify", "--json", f"{tmp_path}/{typed[:1000]}"],
        [typed],
        ["check", f"--{typed}"],
        ["intake", "pupils", f"{tmp_path}/{typed}", "--class", "5A", "--store", str(tmp_path)],
    ):
        with contextlib.suppress(SystemExit):
            assert main(arguments) != 0
        said = capsys.readouterr()
        for line in lines_of(said.out) + lines_of(said.err):
            assert not line.startswith((FORGED, "hocba: xong"))


@pytest.mark.parametrize("text", HOSTILE)
def test_json_for_a_machine_is_whole_and_a_terminal_may_show_it(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with filtered():
        print_json({"said": text[:2000], "plain": "Trường Tiểu học"})
    said = capsys.readouterr().out
    assert tame(said)
    assert "Trường Tiểu học" in said
    if "\u0301\u0323" not in text:  # Marks without end are cut for the screen's sake.
        assert json.loads(said)["said"] == text[:2000]


@pytest.mark.parametrize("text", [ESCAPES, C1, TURNED, FORGED_LINE])
def test_a_name_in_a_certificate_is_one_harmless_line(text: str) -> None:
    certificate = self_signed(ec.generate_private_key(ec.SECP256R1()), f"Nguyễn {text[:20]}")
    loaded = load_certificate(certificate)
    for shown in (holder_name(loaded), holder_of(certificate), in_words(loaded.issuer), in_words(loaded.subject)):
        assert shown.isprintable()
        assert "Nguyễn" in shown


def test_a_record_that_somebody_is_asked_to_sign_hides_nothing(sealed_root: Path) -> None:
    desk = open_desk(sealed_root, "vanthu")
    record = next(r for r in desk.records("5A").values() if r.state is RecordState.ISSUED)
    region = desk.class_shard("5A").kept(record.frozen)
    start, end = region.index(b"<HO_VA_TEN>") + len(b"<HO_VA_TEN>"), region.index(b"</HO_VA_TEN>")
    hidden = "Lê An\u202e\u200bBình\u3164\nhocba: xong"
    forged = region[:start] + hidden.encode() + region[end:]
    name, *lines = record_words(load_profile(record.profile), forged, record.uuid)
    assert name == "Lê An\ufffdBình\ufffd hocba: xong"
    assert all(line.isprintable() for line in lines)


async def test_a_token_names_itself_and_does_no_more(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    module = softhsm_module()
    require_tool("softhsm2", present=module is not None and shutil.which("softhsm2-util") is not None)
    assert module is not None
    key = ec.generate_private_key(ec.SECP256R1())
    label = "\x1b[31m\x9b2J\u202egiả\r\nx"
    environment = make_token(tmp_path / "t", module, OddKey(key, self_signed(key, label)), label=label)
    (token,) = await list_tokens([module], environment)
    for shown in (token.label, token.maker, token.model, token.serial, holder_of(token.certificates[0])):
        assert shown.isprintable()
    assert "giả" in token.label


def test_excel_cells_are_harmless_in_a_preview_and_in_what_is_found(
    store_root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["STT", "Mã học sinh", "Họ và tên", "Ngày sinh", "Giới tính", "Dân tộc"])
    cell = "".join(letter for letter in EVERYTHING if letter >= " " or letter in "\r\n\t") + "A" * 20_000
    for number in range(3):
        sheet.append([number + 1, *[f"{number}{cell}"] * 5])
    file = tmp_path / "lớp.xlsx"
    book.save(file)
    main(["intake", "pupils", str(file), "--store", str(store_root), "--as", "vanthu"])
    said = capsys.readouterr()
    for line in lines_of(said.out) + lines_of(said.err):
        assert not line.startswith((FORGED, "hocba: xong"))


PAINTING = {"Static", "Label", "OptionList", "Option", "notify", "from_markup", "Content"}
MARKED = re.compile(r"\[")


def test_nothing_that_is_painted_is_read_as_markup() -> None:
    """A name such as ``[@click=app.exit]An[/]`` would be a button, and ``[red]`` would not be seen."""
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_bytes())):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            plain = any(word.arg == "markup" and ast.unparse(word.value) == "False" for word in node.keywords)
            constant = bool(node.args) and all(
                isinstance(each, ast.Constant) and not MARKED.search(str(each.value)) for each in node.args
            )
            if name in PAINTING - {"Option"} and not plain and not constant:
                found.append(f"{path.relative_to(PACKAGE)}:{node.lineno}: {ast.unparse(node)[:80]}")
    assert found == [], "say markup=False"


async def test_a_choice_with_markup_is_shown_as_it_is(open_app: Open) -> None:
    """An end without a beginning ended the program."""
    async with open_app("gv.5a") as pilot:
        pilot.app.push_screen(Choose("Chọn", [("a", "[/b]An"), ("b", "[red]Bình[/red]")]))
        await pilot.pause()
        shown = screen_text(pilot)
        assert "[/b]An" in shown
        assert "[red]Bình[/red]" in shown


async def test_a_name_with_markup_is_shown_as_it_is(open_app: Open) -> None:
    async with open_app("gv.5a") as pilot:
        page = pilot.app.screen
        assert isinstance(page, Page)
        page.say("[@click=app.exit]An[/] [red]Bình[/red]")
        page.query_one(Rows).fill([("one", ["[b]An[/b]"] * len(page.query_one(Rows)._columns))])
        await pilot.pause()
        shown = screen_text(pilot)
        assert "[@click=app.exit]An[/] [red]Bình[/red]" in shown
        assert "[b]" in shown
