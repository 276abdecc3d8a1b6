"""The school's own list of new pupils: a row opens a class, and pupils have no codes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hocba_tui.demo.class_list import write_class_list
from hocba_tui.demo.school import DemoSchool, pupils_of
from hocba_tui.errors import Refused
from hocba_tui.intake.pupil_file import read_pupils
from hocba_tui.intake.pupil_list import PupilList
from hocba_tui.rules.identity import is_temporary, temporary_code
from tests.support.sheets import Rows, workbook

pytestmark = pytest.mark.usefixtures("read_here")

HEADER = ("STT", "Họ và tên", "Ngày sinh", "Số CCCD /\nSố định danh", "Nữ", "Dân tộc", "K.tật")
AN = (1, "Nguyễn Hoà An", "01/02/2019", "999319000001", "x", "Kinh", "")
BINH = (2, "Trần Văn Bình", "05/03/2019", "", "", "Thái", "x")
CUC = (1, "Lê Thị Cúc", "07/07/2019", "999319000003", "X", "Mường", "Khiếm thính")

Read = Callable[..., PupilList]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def reading(*sheets: Rows, accept_offers: bool = False, titles: tuple[str, ...] = ()) -> PupilList:
        path = workbook(tmp_path / "lop1.xlsx", *sheets, titles=titles)
        return read_pupils(path, accept_offers=accept_offers)

    return reading


def codes(found: PupilList) -> list[str]:
    return [finding.code for finding in found.findings]


def test_rows_of_two_classes(read: Read) -> None:
    title = ["DANH SÁCH HỌC SINH LỚP MỘT NĂM HỌC 2025-2026"]
    found = read([title, [], HEADER, ["LỚP 1A"], AN, BINH, ["", "LỚP 1B - GVCN: Cô Hoa"], CUC, ["Cộng", "", "", ""]])
    assert [(p.class_key, p.code, p.row) for p in found.pupils] == [
        ("1A", "TAM-999319000001", 5),
        ("1A", temporary_code("", "Trần Văn Bình", "2019-03-05"), 6),
        ("1B", "TAM-999319000003", 8),
    ]
    assert found.pupils[0].facts == {
        "name": "Nguyễn Hoà An", "birth": "2019-02-01", "sex": "female", "personal_id": "999319000001",
        "ethnic": "Kinh",
    }  # fmt: skip
    assert (found.pupils[1].facts["sex"], found.pupils[1].facts["disability"]) == ("male", "Khuyết tật")
    assert found.pupils[2].facts["disability"] == "Khiếm thính"
    assert codes(found) == ["IN-TEMPORARY"]


@pytest.mark.parametrize(
    "opening", ["LỚP 1A", "Lớp: 1A", "lop 1a", "LO\u031b\u0301P 1A", "Lớp 1A (35 học sinh)", "DANH SÁCH LỚP 1A"]
)
def test_spellings_of_the_row_that_opens_a_class(read: Read, opening: str) -> None:
    assert [p.class_key for p in read([[opening], HEADER, AN]).pupils] == ["1A"]


def test_header_may_stand_in_every_class(read: Read) -> None:
    found = read([["LỚP 1A"], HEADER, AN, [], ["LỚP 1B"], HEADER, CUC])
    assert [(p.class_key, p.facts["name"]) for p in found.pupils] == [("1A", AN[1]), ("1B", CUC[1])]
    assert codes(found) == []


def test_each_class_may_have_a_sheet_of_its_name(read: Read) -> None:
    found = read([HEADER, AN], [HEADER, CUC], titles=("1A", "Lớp 1B"))
    assert [(p.class_key, p.facts["name"]) for p in found.pupils] == [("1A", AN[1]), ("1B", CUC[1])]


def test_pupil_above_every_class_is_an_error(read: Read) -> None:
    found = read([HEADER, AN, ["LỚP 1B"], CUC])
    assert (codes(found), [p.class_key for p in found.pupils]) == (["IN-INCOMPLETE"], ["1B"])


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ((1, "Lê An", "", "999319000001", "x"), "IN-INCOMPLETE"),
        ((1, "", "01/02/2019", "999319000001", "x"), "IN-INCOMPLETE"),
        ((1, "Lê An", "31/02/2019", "999319000001", "x"), "IN-DATE"),
        ((1, "Lê An", "01/02/2019", "99931900000A", "x"), "IN-ID"),
        ((1, "Lê An", "01/02/2019", "999319000001", "nam"), "IN-SEX"),
    ],
)
def test_what_cannot_be_is_an_error(read: Read, row: tuple[object, ...], code: str) -> None:
    assert codes(read([HEADER, ["LỚP 1A"], row])) == [code]


def test_pupils_who_cannot_be_told_apart_are_an_error(read: Read) -> None:
    twice = (BINH[0], " trần  văn BÌNH ", *BINH[2:])
    assert codes(read([HEADER, ["LỚP 1A"], BINH, ["LỚP 1B"], twice])).count("IN-DOUBLED") == 2
    assert codes(read([HEADER, ["LỚP 1A"], AN, AN])) == ["IN-DOUBLED", "IN-DOUBLED"]


def test_lost_zero_of_an_id_is_offered(read: Read) -> None:
    rows = [HEADER, ["LỚP 1A"], (1, "Lê An", "01/02/2019", "37319012345", "x")]
    found = read(rows)
    assert (codes(found), found.offers) == (["IN-ID-OFFER"], 1)
    taken = found.accepted()
    assert taken.pupils[0].code == "TAM-037319012345"
    assert taken == read(rows, accept_offers=True)


def test_class_list_of_the_ministry_is_recognised_as_such(demo: DemoSchool, tmp_path: Path) -> None:
    pupils = pupils_of(demo, "1A")
    write_class_list(tmp_path / "c1.xlsx", "1A", pupils)
    assert [p.code for p in read_pupils(tmp_path / "c1.xlsx").pupils] == [p.code for p in pupils]


@pytest.mark.parametrize("rows", [[("Họ và tên", "Ngày sinh"), ("Lê An", "01/02/2019")], [HEADER], [("x",)]], ids=str)
def test_what_is_neither_kind_is_refused(read: Read, rows: Rows) -> None:
    with pytest.raises(Refused):
        read(rows)


NAMES = st.text("aăâ ờbcdđ", min_size=1)


@given(st.sampled_from(["", "999319000001"]), NAMES, NAMES, st.dates(), st.dates())
def test_temporary_code_is_stable_and_as_unlike_as_the_pupils(
    number: str, name: str, other: str, birth: object, another: object
) -> None:
    code = temporary_code(number, name, str(birth))
    assert code == temporary_code(number, f" {name.upper()} ", str(birth))
    assert is_temporary(code)
    assert len(code) <= 20
    if not number and (other.split() != name.split() or birth != another):
        assert code != temporary_code("", other, str(another))


SIGNED = ["", "Người lập danh sách", "", "", "Hiệu trưởng"]


def test_names_of_who_signs_below_a_list_are_no_pupils(read: Read) -> None:
    found = read([HEADER, ["LỚP 1A"], AN, [], ["", "", "", "", "Xã Mẫu, ngày 5 tháng 9"], SIGNED, ["", "Lò Văn Ba"]])
    assert [p.facts["name"] for p in found.pupils] == [AN[1]]
    assert codes(found) == ["IN-BELOW", "IN-BELOW"]
    assert "Dòng 6: “Người lập danh sách” đứng dưới bảng" in found.findings[0].message


@pytest.mark.parametrize(
    "rows",
    [
        [AN, ["", "Lò Văn Ba"]],  # right below a pupil
        [AN, [], ["", "Lò Văn Ba"], BINH],  # a pupil follows
        [AN, [], ["", "Lò Văn Ba", "", "999319000009"]],  # with an id
        [[], ["", "Lò Văn Ba"]],  # no pupil above
    ],
)
def test_a_pupil_without_birth_date_is_not_taken_for_a_signature(read: Read, rows: Rows) -> None:
    found = read([HEADER, ["LỚP 1A"], *rows])
    (note,) = (finding for finding in found.findings if finding.code == "IN-INCOMPLETE")
    assert "“Lò Văn Ba” thiếu ngày sinh" in note.message


def test_of_several_sheets_a_finding_says_which(read: Read) -> None:
    found = read([HEADER, AN], [HEADER, (1, "Lê An", "", "999319000009")], titles=("1A", "Lớp 1B"))
    assert [finding.message for finding in found.findings] == ["Trang “Lớp 1B”, dòng 2: “Lê An” thiếu ngày sinh."]


def test_a_file_of_both_kinds_is_refused(read: Read) -> None:
    official = [("Mã lớp", "Mã học sinh", "Họ tên", "Ngày sinh"), ("1B", "9900000001", "Lê An", "01/02/2019")]
    with pytest.raises(Refused, match=r"có mã.*chưa có mã"):
        read([HEADER, AN], official, titles=("1A", "1B"))
