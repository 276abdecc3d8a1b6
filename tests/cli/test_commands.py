"""The command line: help with an example, and an exit code for each outcome."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hocba_tui.cli.main import COMMANDS, main
from hocba_tui.demo.class_list import write_class_list
from hocba_tui.demo.school import DemoSchool, pupils_of
from hocba_tui.flow.grades.review import review
from hocba_tui.flow.opening import open_desk
from hocba_tui.store.backend import SCHOOL, Edit
from hocba_tui.store.folder import FolderStore

Run = Callable[..., int]


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no test ask for a PIN at the terminal or find somebody's own store."""
    monkeypatch.delenv("HOCBA_STORE", raising=False)
    monkeypatch.setenv("HOCBA_PIN", "123456")


@pytest.fixture
def hocba(store_root: Path) -> Run:
    """Run a command in the copied school: ``hocba("check", "--class", "5A", account="gv.5a")``."""
    return lambda *words, account: main([*words, "--store", str(store_root), "--as", account])


def journals(root: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in root.rglob("journal.log")}


def class_list(folder: Path, demo: DemoSchool) -> Path:
    """Write the list of 5A; return its path."""
    path = folder / "C1-HocSinh-5A.xlsx"
    code = next(year.classroom.code for year in demo.classes if year.classroom.key == "5A")
    write_class_list(path, code, pupils_of(demo, "5A"))
    return path


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_shows_an_example_of_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main([name, "--help"])
    assert left.value.code == 0
    assert f"ví dụ:\n  hocba {name}" in capsys.readouterr().out


def test_a_command_that_is_not_understood_exits_2(capsys: pytest.CaptureFixture[str]) -> None:
    for words in ([], ["ban-giao"], ["check", "--khong-co"]):
        with pytest.raises(SystemExit) as left:
            main(words)
        assert left.value.code == 2
    assert "hocba" in capsys.readouterr().err


def test_an_unknown_store_exits_6(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--store", str(tmp_path / "none"), "--as", "gv.5a"]) == 6
    assert "Không thấy kho" in capsys.readouterr().err
    assert not (tmp_path / "none").exists()


def test_no_store_at_all_exits_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--as", "gv.5a"]) == 2
    assert "--store" in capsys.readouterr().err


def test_the_environment_names_the_store_and_the_option_beats_it(
    store_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOCBA_STORE", str(store_root))
    assert main(["check", "--class", "5A", "--as", "gv.5a"]) == 1
    assert main(["check", "--class", "5A", "--as", "gv.5a", "--store", str(tmp_path / "none")]) == 6


def test_as_outside_a_training_store_exits_3(hocba: Run, store_root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    school = FolderStore(store_root, lambda: datetime.now(UTC)).shard(SCHOOL)
    school.change("test", "settings", [Edit(SCHOOL, SCHOOL, "training", True, None)])
    for name in ("check", "receipts", "doctor"):
        assert hocba(name, account="hieutruong") == 3
        assert "--as" in capsys.readouterr().err


def test_a_user_without_an_account_exits_3(store_root: Path) -> None:
    assert main(["check", "--store", str(store_root)]) == 3


def test_an_unknown_account_exits_2(hocba: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert hocba("check", account="gv.9z") == 2
    assert "gv.9z" in capsys.readouterr().err


def test_an_unknown_class_exits_1(hocba: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert hocba("check", "--class", "9Z", account="hieutruong") == 1
    assert "9Z" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "account"),
    [
        (("check", "--class", "5A"), "gv.1a"),
        (("round", "--place", "Liễu Đề", "--date", "12/06/2026"), "gv.5a"),
        (("submit", "--class", "5A"), "hieutruong"),
        (("approve", "--class", "5A"), "gv.5a"),
        (("issue", "--class", "5A"), "hieutruong"),
        (("send", "--portal", "http://127.0.0.1:9"), "gv.5a"),
        (("send", "--portal", "http://hocba.edu.vn"), "vanthu"),
        (("receipts",), "admin"),
        (("export", "records", "--class", "5A", "--out", "out"), "admin"),
        (("export", "sheet", "--class", "5A", "--form", "csdl", "--out", "out.xlsx"), "admin"),
        (("export", "sheet", "--class", "1A", "--form", "nhan-xet", "--out", "out.xlsx"), "gv.5a"),
        (("export", "sheet", "--grade", "5", "--form", "csdl", "--out", "out.xlsx"), "gv.tin"),
    ],
)
def test_what_the_account_may_not_do_exits_3_and_writes_nothing(
    hocba: Run, store_root: Path, words: tuple[str, ...], account: str
) -> None:
    before = journals(store_root)
    assert hocba(*words, account=account) == 3
    assert journals(store_root) == before


def test_check_with_gaps_exits_1_and_names_pupil_and_cell(hocba: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert hocba("check", "--class", "5A", account="gv.5a") == 1
    assert "GAP" in capsys.readouterr().out


def test_intake_dry_run_exits_0_and_writes_nothing(
    hocba: Run, store_root: Path, tmp_path: Path, demo: DemoSchool, capsys: pytest.CaptureFixture[str]
) -> None:
    before = journals(store_root)
    assert hocba("intake", "pupils", str(class_list(tmp_path, demo)), "--dry-run", account="vanthu") == 0
    assert "chưa ghi gì" in capsys.readouterr().out
    assert journals(store_root) == before


@pytest.mark.parametrize("accepted", [False, True])
def test_offers_are_written_only_when_they_are_accepted(
    hocba: Run, store_root: Path, tmp_path: Path, demo: DemoSchool, capsys: pytest.CaptureFixture[str], accepted: bool
) -> None:
    one = pupils_of(demo, "5A")[0]
    path = tmp_path / "ds.csv"
    path.write_text(f"Mã lớp;Mã HS;Họ tên;Số định danh\n5A;{one.code};{one.name};37215000001\n", encoding="utf-8")
    flags = ["--accept-offers"] if accepted else []
    assert hocba("intake", "pupils", str(path), *flags, account="vanthu") == 0
    said = capsys.readouterr().out
    assert ("037215000001" in said, "1 đề nghị chờ xác nhận" in said) == (True, not accepted)
    held = next(pupil.personal_id for pupil in open_desk(store_root, "vanthu").pupils("5A") if pupil.code == one.code)
    assert held == ("037215000001" if accepted else one.personal_id)


@pytest.mark.parametrize("name", ["C1.xlsx", "C1.xls", "khong-co.xlsx"])
def test_intake_of_what_is_no_workbook_exits_1(
    hocba: Run, store_root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    before = journals(store_root)
    if name.startswith("C1"):
        (tmp_path / name).write_bytes(b"Ho ten;Lop\nAn;5A\n")
    assert hocba("intake", "pupils", str(tmp_path / name), account="vanthu") == 1
    assert name in capsys.readouterr().err
    assert journals(store_root) == before


def test_verify_of_no_record_exits_10_and_of_a_spoilt_one_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    garbage = tmp_path / "rac.xml"
    for data, code in ((b"", 10), (b"\x00\xff", 10), (b"<HOC_BA/>", 1), (b"not xml", 10)):
        garbage.write_bytes(data)
        assert main(["verify", str(garbage)]) == code
        capsys.readouterr()
        assert main(["verify", "--json", str(garbage), str(tmp_path / "none.xml"), str(tmp_path)]) == code
        answers = json.loads(capsys.readouterr().out)
        assert [answer["unreadable"] for answer in answers] == [code == 10, True, True]
        assert "PASSED" not in {answer["verdict"] for answer in answers}


def test_submit_with_gaps_exits_1_lists_each_gap_and_signs_nothing(
    hocba: Run, store_root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert hocba("round", "--place", "Liễu Đề", "--date", "12/06/2026", account="hieutruong") == 0
    before = journals(store_root)
    capsys.readouterr()
    assert hocba("submit", "--class", "5A", account="gv.5a") == 1
    shown = capsys.readouterr()
    gaps = review(open_desk(store_root, "gv.5a"), "5A").gaps
    assert gaps
    assert all(f"{gap.code} " in shown.out and gap.message in shown.out for gap in gaps)
    assert len(shown.out.splitlines()) == len(gaps)
    assert f"{len(gaps)} ô trống" in shown.err
    assert journals(store_root) == before


def test_submit_before_a_round_is_open_exits_1(hocba: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert hocba("submit", "--class", "5A", "--leave-gaps", account="gv.5a") == 1
    assert "đợt phát hành" in capsys.readouterr().err


@pytest.mark.parametrize(("name", "account"), [("submit", "gv.5a"), ("approve", "hieutruong"), ("issue", "vanthu")])
def test_who_has_nothing_to_sign_is_told_so_before_a_token_and_a_pin(
    hocba: Run, name: str, account: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("hocba_tui.flow.records.keys.find_key", lambda *_: pytest.fail("looks for a key"))
    monkeypatch.setattr("hocba_tui.cli.common.ask_pin", lambda *_: pytest.fail("asks for the PIN"))
    assert hocba(name, "--class", "5A", account=account) == 1
    assert "PIN" not in capsys.readouterr().err


def test_a_wrong_pin_exits_7_and_signs_nothing(
    hocba: Run, store_root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert hocba("round", "--place", "Liễu Đề", "--date", "12/06/2026", account="hieutruong") == 0
    before = journals(store_root)
    monkeypatch.setenv("HOCBA_PIN", "000000")
    assert hocba("submit", "--class", "5A", "--leave-gaps", account="gv.5a") == 7
    assert "PIN" in capsys.readouterr().err
    assert journals(store_root) == before


def test_send_with_an_empty_outbox_exits_0(hocba: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert hocba("send", "--portal", "http://127.0.0.1:9", account="vanthu") == 0
    assert "trống" in capsys.readouterr().out


@pytest.mark.parametrize("port", ["-1", "65536", "99999"])
def test_a_port_that_is_none_exits_2(store_root: Path, port: str) -> None:
    assert main(["sandbox", "--port", port, "--store", str(store_root)]) == 2


def test_demo_never_removes_a_folder_that_is_no_training_store(
    store_root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    school = FolderStore(store_root, lambda: datetime.now(UTC)).shard(SCHOOL)
    school.change("test", "settings", [Edit(SCHOOL, SCHOOL, "training", True, None)])
    base = tmp_path / "demo"
    shutil.copytree(store_root, base / "unattended")
    assert main(["demo", "--unattended", "--store", str(base)]) == 1
    assert journals(base / "unattended").keys()
    assert main(["demo", "--pupils", "0", "--store", str(base)]) == 2
    assert "từ 1" in capsys.readouterr().err
