"""Files of results as four kinds of programs write them, each with what it must give."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from hypothesis import strategies as st

from hocba_tui.model.curriculum import SUBJECTS, TRAITS
from hocba_tui.model.pupil import Pupil
from hocba_tui.model.results import COMMENT, LEVEL, SCORE, Cell
from hocba_tui.model.values import Period
from hocba_tui.text import day_first
from tests.support.corpus import Book, Column, Value, nfd

Place = tuple[str, str]
PLACES: tuple[Place, ...] = (
    ("TV", LEVEL), ("TV", SCORE), ("TV", COMMENT), ("TOAN", LEVEL), ("TOAN", SCORE), ("TOAN", COMMENT),
    ("DD", LEVEL), ("DD", COMMENT), ("GDTC", LEVEL), ("YN", LEVEL), ("CC", LEVEL), ("TCTH", LEVEL), ("NLTM", LEVEL),
)  # fmt: skip
WORDS: Mapping[Period, tuple[str, ...]] = {
    Period.MID_1: ("Giữa học kì I", "GK1", "Giữa kỳ 1", "GHKI"),
    Period.END_1: ("Cuối học kì I", "CK1", "HKI", "Học kỳ 1"),
    Period.MID_2: ("Giữa học kì II", "GK2", "Giữa HK II"),
    Period.END_YEAR: ("Cuối năm", "Cuối học kì II", "CKII", "Cả năm"),
}
"""Ways in which files name the four moments of assessment, in no program's order."""
WORDS_OF_LEVELS = {
    "T": ("T", "t", "Hoàn thành tốt", "HTT"), "H": ("H", "h", "Hoàn thành", "HT"),
    "C": ("C", "c", "Chưa hoàn thành", "CHT"),
}  # fmt: skip
WORDS_OF_TRAITS = {"T": ("T", "t", "Tốt"), "Đ": ("Đ", "đ", "Đạt"), "C": ("C", "c", "Cần cố gắng")}
COMMENTS = (
    "Em đọc to, rõ ràng; viết đúng chính tả.", "Con tính đúng, trình bày sạch.", "= cố gắng hơn", "Chăm phát biểu.",
)  # fmt: skip


def csdl(item: str, aspect: str) -> tuple[str, ...]:
    """Three rows, as the exchange file of CSDL ngành."""
    if item in SUBJECTS:
        words = {LEVEL: "Mức đạt được", SCORE: "Điểm KTĐK", COMMENT: "Nhận xét"}
        return ("Môn học và hoạt động giáo dục", SUBJECTS[item].name, words[aspect])
    return ("Năng lực, phẩm chất" if item in ("TCTH", "NLTM") else "Phẩm chất chủ yếu", TRAITS[item].name, "")


def vnedu(item: str, aspect: str) -> tuple[str, ...]:
    """Two rows, the second of aspects."""
    words = {LEVEL: "Mức đạt được", SCORE: "Điểm KTĐK", COMMENT: "Nội dung nhận xét"}
    return (SUBJECTS[item].name, words[aspect]) if item in SUBJECTS else ("Phẩm chất, năng lực", TRAITS[item].name)


def smas(item: str, aspect: str) -> tuple[str, ...]:
    """Two rows of short words."""
    words = {LEVEL: "ĐGTX", SCORE: "KTĐK", COMMENT: "NX"}
    return (f"Môn {SUBJECTS[item].name}", words[aspect]) if item in SUBJECTS else ("NL-PC", TRAITS[item].name)


def own(item: str, aspect: str) -> tuple[str, ...]:
    """One row, as a teacher names columns."""
    if item not in SUBJECTS:
        return (TRAITS[item].name,)
    words = {LEVEL: "{} mức", SCORE: "Điểm {}", COMMENT: "NX {}"}
    return (words[aspect].format(SUBJECTS[item].name),)


FAMILIES: Mapping[str, Callable[[str, str], tuple[str, ...]]] = {"csdl": csdl, "vnedu": vnedu, "smas": smas, "own": own}
NOWHERE, TITLE, SHEET, SUFFIX, GROUP, ROWS = "nowhere", "title", "sheet", "suffix", "group", "rows"


@dataclass(frozen=True)
class Made:
    """A file before it is written, and what it must give."""

    book: Book
    values: Mapping[tuple[str, str], Value]
    """By pupil's key and field of the results."""


Spell = Callable[[str], str]
_SPELLINGS: tuple[Spell, ...] = (str, nfd, str.upper, lambda name: f" {name}  ")
_DATES: tuple[Spell, ...] = (
    day_first,
    str,
    lambda day: day_first(day).replace("/", "."),
    lambda day: "/".join(str(int(part)) for part in reversed(day.split("-"))),
)


@st.composite
def files(draw: st.DrawFn, pupils: Sequence[Pupil], period: Period, where: str) -> Made:
    """Return files of a period, which they name at ``where``."""
    family = FAMILIES[draw(st.sampled_from(sorted(FAMILIES)))]
    chosen = draw(st.lists(st.sampled_from(pupils), min_size=2, max_size=6, unique=True))
    places = sorted(draw(st.sets(st.sampled_from(PLACES), min_size=2, max_size=7)), key=PLACES.index)
    word = draw(st.sampled_from(WORDS[period]))
    values: dict[tuple[str, str], Value] = {}
    results = []
    for item, aspect in places:
        column: list[Value] = []
        for pupil in chosen:
            value, written = draw(_cells(item, aspect))
            column.append(written)
            if value is not None:
                values[pupil.key, Cell(period, item, aspect).field] = value
        path = family(item, aspect)
        if where == SUFFIX:
            path = (*(part for part in path[:-1] if part), f"{path[-1]} {word}".strip())
        elif where == GROUP:
            path = (word, *path)
        results.append(Column(path, tuple(column), is_result=True))
    people = draw(_people(chosen))
    if where == ROWS:
        people += (
            Column((draw(st.sampled_from(["Thời điểm đánh giá", "Giai đoạn", "Kỳ đánh giá"])),), (word,) * len(chosen)),
        )
    above = draw(st.sampled_from([(), ("TRƯỜNG TIỂU HỌC THỬ",), ("PHÒNG GD&ĐT", "", "BẢNG ĐIỂM")]))
    if where == TITLE:
        above = (*above, f"KẾT QUẢ {word.upper() if draw(st.booleans()) else word}, lớp 5A")
    below = draw(st.sampled_from([(), ("",), ("", "Người lập bảng"), ("Tổng số: 8",)]))
    return Made(
        Book((*people, *results), word[:31] if where == SHEET else "Sheet1", above, below, draw(st.booleans())), values
    )


def _cells(item: str, aspect: str) -> st.SearchStrategy[tuple[Value, Value]]:
    """Return pairs of what a cell means and how it is written; nothing is often written."""
    if aspect == SCORE:
        scores = st.integers(1, 10)
        return st.one_of(
            st.just((None, "")),
            scores.map(lambda score: (score, score)),
            scores.map(lambda score: (score, float(score))),
            scores.map(lambda score: (score, f"{score},0")),
            scores.map(lambda score: (score, f" {score} ")),
        )
    if aspect == COMMENT:
        texts = st.sampled_from(COMMENTS)
        return st.one_of(
            st.just((None, "")), texts.map(lambda text: (text, text)), texts.map(lambda text: (text, nfd(text)))
        )
    words = WORDS_OF_LEVELS if item in SUBJECTS else WORDS_OF_TRAITS
    pairs = [(level, word) for level, many in words.items() for word in many]
    return st.one_of(st.just((None, "")), st.sampled_from(pairs))


@st.composite
def _people(draw: st.DrawFn, pupils: Sequence[Pupil]) -> tuple[Column, ...]:
    """Return the columns that say who a row is about: always the name, and a code or a birthday."""
    spell = draw(st.sampled_from(_SPELLINGS))
    columns = [Column((draw(st.sampled_from(["STT", "TT"])),), tuple(range(1, len(pupils) + 1)))]
    by_code = draw(st.booleans())
    if by_code:
        head = draw(st.sampled_from(["Mã học sinh", "Mã HS", "Mã định danh Bộ GD&ĐT"]))
        columns.append(Column((head,), tuple(pupil.code for pupil in pupils)))
    if draw(st.booleans()):
        columns.append(
            Column(
                (draw(st.sampled_from(["Họ và tên", "Họ tên học sinh", "HỌ TÊN"])),),
                tuple(spell(p.name) for p in pupils),
            )
        )
    else:
        parts = [pupil.name.rpartition(" ") for pupil in pupils]
        columns.append(
            Column((draw(st.sampled_from(["Họ đệm", "Họ và tên đệm"])),), tuple(spell(first) for first, _, _ in parts))
        )
        columns.append(Column(("Tên",), tuple(spell(last) for _, _, last in parts)))
    if not by_code or draw(st.booleans()):
        date = draw(st.sampled_from(_DATES))
        columns.append(
            Column(
                (draw(st.sampled_from(["Ngày sinh", "Ngày, tháng, năm sinh"])),), tuple(date(p.birth) for p in pupils)
            )
        )
    return tuple(columns)
