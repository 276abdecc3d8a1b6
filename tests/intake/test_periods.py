"""Which period a file names, and what is read of it: in columns, groups, suffixes, rows, names of sheets and titles."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from hocba_tui.intake.period_words import Named, contradict, meant, named_in, together, without_names
from hocba_tui.intake.results_file import Place, ResultsFile, read_results
from hocba_tui.intake.sheet_says import class_id, says_of, years_in
from hocba_tui.intake.workbook import CellValue, Sheet
from hocba_tui.model.finding import Severity
from hocba_tui.model.results import COMMENT, LEVEL, SCORE
from hocba_tui.model.values import Period
from tests.support.table import table

M1, E1, M2, EY = Period
TOAN, DIEM, LOI = Place("TOAN", LEVEL), Place("TOAN", SCORE), Place("TOAN", COMMENT)
Rows = Sequence[Sequence[CellValue]]
WRITTEN: dict[Period, tuple[str, ...]] = {
    M1: ("GK1", "GKI", "GK I", "ĐIỂM GK 1", "Giữa kì 1", "giữa kỳ I", "Giữa học kì I", "GIỮA HỌC KỲ 1", "Giữa HKI",
         "GHK1", "GHKI", "giữa HK I", "Giai đoạn: Giữa học kì một", "Kết quả giữa kì 1, lớp 5A"),
    E1: ("CK1", "CKI", "HK1", "HKI", "HK I", "Học kì I", "học kỳ 1", "Cuối kì 1", "Cuối HK I", "CHK1", "Cuối học kì I",
         "Học kì nhất", "KẾT QUẢ HỌC KÌ I"),
    M2: ("GK2", "GKII", "Giữa kì 2", "Giữa học kì II", "giữa HKII", "GHK2", "Học kì II - giữa kì"),
    EY: ("CK2", "CKII", "HK2", "HKII", "Học kì II", "Cuối năm", "CUỐI NĂM HỌC", "Cả năm", "Cuối học kì II", "cuối kì 2",
         "Học kì hai", "Cuối HK II"),
}  # fmt: skip


def read(rows: Rows, wanted: Period, name: str = "Sheet1", subject: str = "") -> ResultsFile:
    return read_results([Sheet(name, rows)], subject, wanted)


def cells(found: ResultsFile) -> list[dict[Place, str]]:
    return [taken for row in found.rows if (taken := {place: text for place, text in row.cells.items() if text})]


def errors(found: ResultsFile) -> list[str]:
    return [finding.code for finding in found.findings if finding.severity is Severity.ERROR]


@table(("text", "period"), [(text, period) for period, texts in WRITTEN.items() for text in texts])
def test_every_way_to_write_a_period_is_known(text: str, period: Period) -> None:
    assert meant(named_in(text)) == {period}


@table(
    "text",
    ["Kiểm tra định kì", "Điểm KTĐK", "Kí, ghi rõ họ tên", "Kỳ thi", "Công nghệ", "CN", "Toán", "GVCN", "Khối 1", "K1",
     "Sách giáo khoa 1", "Học kỳ", "Năm học 2025-2026", "Giữa lớp", "1", "II", "Trường Tiểu học Kí Con"],
)  # fmt: skip
def test_other_words_name_no_period(text: str) -> None:
    assert not named_in(text)


def test_half_a_name_leaves_the_other_half_open() -> None:
    assert meant(named_in("GK")) == {M1, M2}
    assert meant(named_in("Điểm cuối kì")) == {E1, EY}
    assert meant(together([named_in("Học kì: I"), named_in("Mức GK")])) == {M1}
    assert contradict([named_in("GK1"), named_in("Cuối kì")])
    assert not contradict([named_in("Họ tên"), Named()])
    assert meant(named_in("Học kì I, giữa kì và cuối kì")) == {M1, E1}
    assert named_in("HKI và cuối năm").periods == {E1, EY}
    assert meant(named_in("II", cell=True)) == {EY}


def test_what_is_left_of_a_header_is_what_it_says_else() -> None:
    assert without_names("Toán mức GK1") == "toan muc"
    assert without_names("Giai đoạn: Giữa kì I") == ""


@table(
    ("header", "top"),
    [
        ([["Họ tên", "Giữa học kì I", ""], ["", "Toán mức", "Toán điểm"]], []),
        ([["Họ tên", "Toán mức GK1", "Toán điểm GK1"]], []),
        ([["Họ tên", "GK1 Toán", "Điểm Toán (giữa kì I)"]], []),
        ([["Họ tên", "Toán", ""], ["", "GK1", ""], ["", "Mức", "Điểm"]], []),
        ([["Họ tên", "Toán mức", "Toán điểm"]], [["KẾT QUẢ GIỮA HỌC KÌ I"], ["Lớp: 5A", "Năm học: 2025-2026"]]),
        ([["Họ tên", "Toán mức", "Toán điểm"]], [["BẢNG ĐIỂM"], ["Học kì:", "I"], ["Giai đoạn:", "Giữa kì"]]),
        ([["Họ tên", "Toán mức GK", "Toán điểm GK"]], [["KẾT QUẢ HỌC KÌ I"]]),
    ],
)
def test_a_file_of_another_period_is_an_error_that_names_both(header: Rows, top: Rows) -> None:
    rows: Rows = [*top, *header, ["Lò Thị Ánh", "H", 6]]
    found = read(rows, M1)
    assert (cells(found), found.findings) == ([{TOAN: "H", DIEM: "6"}], ())
    for wanted in (E1, M2, EY):
        found = read(rows, wanted)
        assert not any(cells(found))
        assert errors(found) == ["IN-PERIOD"]
        assert M1.label in found.findings[0].message
        assert wanted.label in found.findings[0].message


@table("name", ["GK1", "Giữa kì 1", "Toán GK1", "5A_GKI"])
def test_the_name_of_a_sheet_counts_as_its_title(name: str) -> None:
    rows: Rows = [["Họ tên", "Toán mức"], ["Lò Thị Ánh", "H"]]
    assert cells(read(rows, M1, name)) == [{TOAN: "H"}]
    assert (cells(read(rows, EY, name)), errors(read(rows, EY, name))) == ([], ["IN-PERIOD"])


def test_a_sheet_may_be_named_after_subject_and_period() -> None:
    found = read([["Họ tên", "Mức đạt được"], ["Lò Thị Ánh", "H"]], M2, "Toán GK2")
    assert cells(found) == [{TOAN: "H"}]


def test_title_and_name_that_contradict_each_other_stop_the_sheet() -> None:
    rows: Rows = [["KẾT QUẢ CUỐI NĂM"], ["Họ tên", "Toán mức"], ["Lò Thị Ánh", "H"]]
    for wanted in Period:
        found = read(rows, wanted, "GK1")
        assert (cells(found), errors(found)) == ([], ["IN-PERIOD"])


def test_of_several_sheets_only_the_wanted_one_is_read() -> None:
    header = ["Họ tên", "Toán mức"]
    sheets = [Sheet(period.short, [header, ["Lò Thị Ánh", level]]) for period, level in ((M1, "T"), (E1, "C"))]
    sheets.append(Sheet("Cuối năm", [header, ["Lò Thị Ánh", "H"]]))
    for wanted, level in ((M1, "T"), (E1, "C"), (EY, "H")):
        found = read_results(sheets, "", wanted)
        assert cells(found) == [{TOAN: level}]
        assert [finding.code for finding in found.findings] == ["IN-PERIOD-OTHER"] * 2
    assert errors(read_results(sheets, "", M2)) == ["IN-PERIOD"] * 3


BOTH: list[CellValue] = [
    "Họ tên", "Mức đạt được GK", "Nhận xét GK", "Mức đạt được CK", "Điểm KTĐK", "Nhận xét CK",
]  # fmt: skip


def test_a_template_of_both_moments_gives_one_of_them_and_never_a_mixture() -> None:
    rows: Rows = [BOTH, ["Lò Thị Ánh", "T", "Em học đều.", "H", 6, "Em cần luyện thêm."]]
    for wanted in (M1, M2):
        assert cells(read(rows, wanted, subject="TOAN")) == [{TOAN: "T", LOI: "Em học đều."}]
    for wanted in (E1, EY):
        assert cells(read(rows, wanted, subject="TOAN")) == [{TOAN: "H", DIEM: "6", LOI: "Em cần luyện thêm."}]
    second: Rows = [["HỌC KỲ: 2"], *rows]
    assert [bool(cells(read(second, wanted, subject="TOAN"))) for wanted in Period] == [False, False, True, True]


def test_cn_is_the_end_of_the_year_only_beside_other_periods() -> None:
    rows: Rows = [["Họ tên", "Toán", ""], ["", "GK1", "CN"], ["Lò Thị Ánh", "T", "H"]]
    assert cells(read(rows, EY)) == [{TOAN: "H"}]
    assert cells(read(rows, M1)) == [{TOAN: "T"}]
    alone = read([["Họ tên", "CN"], ["Lò Thị Ánh", "T"]], EY)
    assert cells(alone) == [{Place("CN", LEVEL): "T"}]


@table(
    "header",
    [
        ["Họ tên", "Điểm KTĐK", "Mức GK", "Mức CK"],
        ["Họ tên", "Mức GK", "Điểm KTĐK", "Mức CK"],
    ],
)
def test_a_column_that_may_be_of_either_moment_is_named_and_not_read(header: list[CellValue]) -> None:
    found = read([header, ["Lò Thị Ánh", 1, 2, 3]], EY, subject="TOAN")
    assert DIEM not in cells(found)[0]
    assert "IN-PERIOD" in [finding.code for finding in found.findings]


WHEN: list[CellValue] = ["Họ tên", "Toán mức", "Thời điểm đánh giá"]


def test_of_rows_that_name_their_period_only_the_wanted_ones_are_read() -> None:
    rows: Rows = [WHEN, ["Lò Thị Ánh", "T", "giữa học kì 1"], ["Lò Thị Ánh", "H", "cuối năm"]]
    assert cells(read(rows, EY)) == [{TOAN: "H"}]
    assert cells(read(rows, M1)) == [{TOAN: "T"}]
    assert [finding.code for finding in read(rows, EY).findings] == ["IN-PERIOD-OTHER"]
    found = read(rows, M2)
    assert (cells(found), errors(found)) == ([], ["IN-PERIOD"] * 2)


def test_a_row_whose_period_is_not_known_is_quoted_and_not_read() -> None:
    rows: Rows = [WHEN, ["Lò Thị Ánh", "T", "đợt 1"], ["Lò Văn Ba", "H", ""], ["Lò Văn Bốn", "H", "cuối năm"]]
    found = read(rows, EY)
    assert [row.name for row in found.rows] == ["Lò Văn Bốn"]
    assert errors(found) == ["IN-PERIOD"] * 2
    assert "“đợt 1”" in found.findings[0].message


def test_the_term_in_the_row_and_the_moment_in_the_header_make_one_period() -> None:
    rows: Rows = [
        ["Họ tên", "Học kỳ", "Toán mức GK", "Toán mức CK"],
        ["Lò Thị Ánh", 1, "T", "H"],
        ["Lò Thị Ánh", 2, "H", "C"],
    ]
    wanted = {M1: "T", E1: "H", M2: "H", EY: "C"}
    assert {period: cells(read(rows, period)) for period in Period} == {p: [{TOAN: v}] for p, v in wanted.items()}


@given(st.sampled_from(list(Period)), st.sampled_from(list(Period)), st.data())
def test_two_columns_of_two_periods_never_mix(one: Period, two: Period, data: st.DataObject) -> None:
    short = {period: [t for t in texts if len(t.split()) < 4 and "ĐIỂM" not in t] for period, texts in WRITTEN.items()}
    heads = [f"Toán mức {data.draw(st.sampled_from(short[period]))}" for period in (one, two)]
    wanted = data.draw(st.sampled_from(list(Period)))
    found = read([["Họ tên", *heads], ["Lò Thị Ánh", "T", "C"]], wanted)
    values = {one: "T", two: "C"} if one is not two else {}
    taken = [row.get(TOAN) for row in cells(found)]
    assert set(taken) <= {values.get(wanted), None} or one is two is wanted
    assert bool(errors(found)) == (wanted not in (one, two) or one is two)


def test_what_a_sheet_says_about_year_and_class() -> None:
    header = [["Họ tên", "Toán mức"], ["Lò Thị Ánh", "H"]]

    def says(*top: Sequence[CellValue], name: str = "Sheet1") -> tuple[set[str], tuple[str, ...], set[int]]:
        (found,) = read_results([Sheet(name, [*top, *header])]).says
        return set(found.years), found.classes, set(found.grades)

    assert says(["Lớp: 5A      Năm học: 2025-2026"]) == ({"2025-2026"}, ("5a",), set())
    assert says(["DANH SÁCH HỌC SINH LỚP 5Đ"]) == (set(), ("5đ",), set())
    assert says(["Lớp 5/1", "", "Năm học 2025 – 2026"]) == ({"2025-2026"}, ("51",), set())
    assert says(["Lớp 1/1"], ["Học sinh lớp 10"]) == (set(), ("11",), {10})
    assert says(["Lớp 4A, 4B và 5C"]) == (set(), ("4a", "4b", "5c"), set())
    assert says(["KHỐI 5", "lớp 5"]) == (set(), (), {5})
    assert says(name="5A2") == (set(), ("5a2",), set())
    assert says(name="Lop_5") == (set(), (), {5})
    assert says(["Lớp 5 đã học"], ["Lên lớp"]) == (set(), (), {5})
    assert years_in("2024-25, 2025/2026, 10-2025, 2025-2027") == {"2024-2025", "2025-2026"}
    assert {class_id("Lớp 5A"), class_id("5 a"), class_id("lop_5A")} == {"5a"}
    assert says_of.__doc__
