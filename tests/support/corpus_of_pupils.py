"""Class lists as CSDL ngành, vnEdu, SMAS and schools write them, each with what it must give."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from hypothesis import strategies as st

from tests.support.corpus import Book, Column, Value, nfd

Facts = Mapping[str, str]
Heads = Mapping[str, tuple[str, ...]]
"""The header texts of a column by the fact that it holds, from top to bottom."""

CSDL: Heads = {
    "class": ("Mã lớp",), "code": ("Mã học sinh",), "name": ("Họ tên",), "birth": ("Ngày sinh",),
    "sex": ("Giới tính",), "personal_id": ("Số định danh cá nhân",), "ethnic": ("Dân tộc",),
    "status": ("Trạng thái HS",), "status_date": ("Ngày nhập trạng thái",), "birthplace": ("Nơi sinh",),
    "father": ("Họ tên cha",), "mother": ("Họ tên mẹ",),
}  # fmt: skip
EXPORTED: Heads = {
    "class": ("Lớp học",), "code": ("Mã định danh Bộ GD&ĐT",), "name": ("Họ và tên",), "birth": ("Ngày sinh",),
    "sex": ("Giới tính",), "personal_id": ("Số CCCD/Số định danh",), "ethnic": ("Dân tộc",), "status": ("Trạng thái",),
    "address": ("Chỗ ở hiện nay",), "father": ("Họ tên cha",), "mother": ("Họ tên mẹ",),
}  # fmt: skip
VNEDU: Heads = {
    "class": ("Lớp",), "code": ("Mã HS",), "name": ("Họ và tên học sinh",), "birth": ("Ngày, tháng, năm sinh",),
    "girl": ("Nữ",), "personal_id": ("Số định danh",), "ethnic": ("Dân tộc",), "hometown": ("Quê quán",),
    "father": ("Cha", "Họ tên cha"), "mother": ("Mẹ", "Họ tên mẹ"),
}  # fmt: skip
SMAS: Heads = {
    "class": ("Tên lớp",), "code": ("Mã học sinh",), "name": ("Họ và tên",), "birth": ("Ngày sinh",),
    "sex": ("Giới tính",), "personal_id": ("Mã định danh cá nhân",), "status": ("Trạng thái học sinh",),
    "status_date": ("Ngày trạng thái",), "address": ("Địa chỉ",), "guardian": ("Người giám hộ",),
}  # fmt: skip
FAMILIES: Mapping[str, Heads] = {"csdl": CSDL, "exported": EXPORTED, "vnedu": VNEDU, "smas": SMAS}

_FAMILY_NAMES = ("Nguyễn Thị", "Trần Văn", "Lê Hoàng", "Đặng", "Lò Thị", "Vàng A")
_GIVEN_NAMES = ("Ánh", "Bình", "Đào", "Hường", "Khoa", "Mỷ", "Thuỷ", "Ý")
_PLACES = ("Bản Thử, xã Mẫu, tỉnh Điện Biên", "Tổ 3, phường Thử", "Xóm Đông")
_ETHNIC = ("Kinh", "Tày", "Mông", "Thái")
STAYS = ("Đang học", "đang học", "01", "ĐANG HỌC")
CAME = ("Chuyển đến kỳ 1", "Chuyển đến học kì I", "02", "Chuyển đến HK1", "Chuyển đến trong hè")
GONE = ("Chuyển đi kỳ 2", "08", "Thôi học kỳ 1", "Chuyển đi học kỳ II", "Thôi học trong hè")
UNKNOWN = ("Bảo lưu", "1", "Khác", "Học ghép")


def _day(day: str) -> date:
    return date.fromisoformat(day)


DATES: Mapping[str, Callable[[str], Value]] = {
    "dd/mm/yyyy": lambda day: f"{_day(day):%d/%m/%Y}",
    "d/m/yyyy": lambda day: f"{_day(day).day}/{_day(day).month}/{_day(day).year}",
    "dd.mm.yyyy": lambda day: f"{_day(day):%d.%m.%Y}",
    "dd-mm-yyyy": lambda day: f"{_day(day):%d-%m-%Y}",
    "ISO": str,
    "serial": lambda day: (_day(day) - date(1899, 12, 30)).days,
    "words": lambda day: f"Ngày {_day(day).day} tháng {_day(day).month} năm {_day(day).year}",
}
"""Ways to write one day that leave no doubt."""


@dataclass(frozen=True)
class Made:
    """A file before it is written, and the facts that each of its rows must give, by code."""

    book: Book
    facts: Mapping[str, Facts]
    unclear: frozenset[str]
    """Codes of pupils whose status says nothing that is known."""


@st.composite
def class_lists(draw: st.DrawFn) -> Made:
    """Return class lists without a fault."""
    heads = FAMILIES[draw(st.sampled_from(sorted(FAMILIES)))]
    count = draw(st.integers(1, 6))
    people = [draw(_person(number)) for number in range(count)]
    statuses = [draw(_status()) for _ in range(count)]
    has_dates = "status_date" in heads
    if not has_dates:  # Who leaves needs a day.
        statuses = [each if each[0] not in GONE else (STAYS[0], each[1]) for each in statuses]
    write_date = DATES[draw(st.sampled_from(sorted(DATES)))]
    in_title = draw(st.booleans())
    columns = [Column(("STT",), tuple(range(1, count + 1)))]
    for fact, path in draw(st.permutations(list(heads.items()))):
        if fact == "class" and in_title:
            continue
        columns.append(
            Column(
                path,
                tuple(_written(fact, one, status, write_date) for one, status in zip(people, statuses, strict=True)),
            )
        )
    if draw(st.booleans()):
        columns.append(Column(("Ghi chú",), ("",) * count))
    above = (
        ("TRƯỜNG TIỂU HỌC THỬ", "DANH SÁCH HỌC SINH LỚP 5A")
        if in_title
        else draw(st.sampled_from([(), ("DANH SÁCH",)]))
    )
    below = draw(st.sampled_from([(), ("",), ("", "HIỆU TRƯỞNG")]))
    facts = {one["code"]: _given(heads, one, status) for one, status in zip(people, statuses, strict=True)}
    unclear = {
        one["code"] for one, status in zip(people, statuses, strict=True) if "status" in heads and status[0] in UNKNOWN
    }
    return Made(Book(tuple(columns), "Danh sách", above, below, draw(st.booleans())), facts, frozenset(unclear))


@st.composite
def _person(draw: st.DrawFn, number: int) -> dict[str, str]:
    sex = draw(st.sampled_from(["male", "female"]))
    birth = date(2014, 9, 1) + timedelta(days=draw(st.integers(0, 700)))
    name = f"{draw(st.sampled_from(_FAMILY_NAMES))} {draw(st.sampled_from(_GIVEN_NAMES))}"
    return {
        "code": f"{9900000001 + number}", "name": name, "birth": birth.isoformat(), "sex": sex,
        "personal_id": f"999{2 + (sex == 'female')}{birth:%y}{draw(st.integers(0, 99999)):05}{number}",
        "ethnic": draw(st.sampled_from(_ETHNIC)), "birthplace": draw(st.sampled_from(_PLACES)),
        "hometown": draw(st.sampled_from(_PLACES)), "address": draw(st.sampled_from(_PLACES)),
        "father": "Trần Văn Cha", "mother": "Phạm Thị Mẹ", "guardian": "Lê Thị Bà", "class": "5A",
    }  # fmt: skip


def _status() -> st.SearchStrategy[tuple[str, str]]:
    """Return pairs of a status and its day."""
    days = st.integers(0, 200).map(lambda after: (date(2025, 9, 5) + timedelta(days=after)).isoformat())
    return st.one_of(
        st.tuples(st.sampled_from(STAYS), st.just("")),
        st.tuples(st.sampled_from((*STAYS, *CAME, *GONE)), days),
        st.tuples(st.sampled_from(UNKNOWN), st.just("")),
        st.just(("", "")),
    )


def _written(fact: str, one: Facts, status: tuple[str, str], write_date: Callable[[str], Value]) -> Value:
    if fact == "birth":
        return write_date(one["birth"])
    if fact == "sex":
        return "Nữ" if one["sex"] == "female" else "Nam"
    if fact == "girl":
        return "x" if one["sex"] == "female" else ""
    if fact == "status":
        return status[0]
    if fact == "status_date":
        return write_date(status[1]) if status[1] else ""
    return one[fact]


def _given(heads: Heads, one: Facts, status: tuple[str, str]) -> Facts:
    """Return the facts that a row must give; a status acts only when the file has a column for it."""
    shown = {fact: text for fact, text in one.items() if fact in heads and fact not in ("class", "code")}
    shown["sex"] = one["sex"]
    words, day = status if "status" in heads else ("", "")
    day = day if "status_date" in heads else ""
    if words in GONE:
        return {**shown, "left": day}
    if words in (*STAYS, *CAME):
        shown |= {"left": "", "left_reason": ""}
        if day:
            shown["joined"] = day
    return shown


SPELLINGS: Sequence[Callable[[str], str]] = (str, str.upper, str.lower, nfd)
