"""Whom a comment names, in a class with the most awkward names."""

from __future__ import annotations

import itertools
import tomllib
from pathlib import Path
from unittest.mock import MagicMock

import pytest
from hypothesis import given
from hypothesis import strategies as st

import hocba_tui.demo
from hocba_tui.model.finding import Severity
from hocba_tui.model.pupil import Pupil
from hocba_tui.model.results import homeroom_comment
from hocba_tui.rules.naming import Roll, names_in, others_named
from tests.support.natural_comments import NATURAL
from tests.support.table import table
from tests.support.whole_year import END

OWN = Pupil("own", name="Trần Minh Anh")
ROOM = Roll(
    [
        OWN,
        *(
            Pupil(name, name=name)
            for name in (
                "Nguyễn Thị Lan", "Lê Thị Hòa", "VŨ VĂN TIẾN", "Đỗ Minh", "Phạm Như Ý", "Lò Thị Chăm", "Vũ Hà Nam",
                "Giàng H'Mông", "Hồ Bru-Vân", "Y Blơk Êban", "Sao", "Bùi Văn Ngoan", "Lê Khoa", "Trần Thị Tiên",
            )
        ),
    ]
)  # fmt: skip


@table(
    ("text", "name"),
    [
        ("Nguyễn Thị Lan chăm chỉ.", "Nguyễn Thị Lan"),
        ("Em Nguyễn Thị Lan chăm chỉ.", "Nguyễn Thị Lan"),
        ("Tuyên dương NGUYỄN THỊ LAN nhé.", "NGUYỄN THỊ LAN"),
        ("Vũ Văn Tiến học tốt.", "Vũ Văn Tiến"),
        ("Lê Thị Hoà học tốt.", "Lê Thị Hoà"),
        ("Em Lan học tốt.", "Lan"),
        ("Ngoan; em Lan học tốt.", "Lan"),
        ("Con Lan học tốt.", "Lan"),
        ("Em hay giúp bạn Hoà.", "Hoà"),
        ("Bạn Tiến chăm.", "Tiến"),
        ("Con Ngoan học tốt.", "Ngoan"),
        ("Học sinh Lan học tốt.", "Lan"),
        ("Đó là học sinh Lan.", "Lan"),
        ("Em Minh chăm học.", "Minh"),
        ("em Ý ngoan.", "Ý"),
        ("em H'Mông ngoan.", "H'Mông"),
        ("em H’Mông ngoan.", "H’Mông"),
        ("Em Bru-Vân ngoan.", "Bru-Vân"),
        ("Em Sao ngoan.", "Sao"),
        ("Em Hà Nam ngoan.", "Hà Nam"),
    ],
)
def test_surely_another_pupil(text: str, name: str) -> None:
    assert names_in(text, OWN.key, ROOM)[0] == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Ngoan, Lan cần cố gắng.", "Lan"),
        ("Em chơi thân với Lan và Hòa.", "Lan"),
        ("Cần học hỏi Tiến nhiều hơn.", "Tiến"),
        ("Minh Anh học cùng Sao.", "Sao"),
        ("Như Ý chăm chỉ.", "Như Ý"),
    ],
)
def test_perhaps_another_pupil(text: str, name: str) -> None:
    assert names_in(text, OWN.key, ROOM) == (None, name)


@table(
    "text",
    [
        "Em Anh chăm học.",
        "Em Minh Anh chăm học.",
        "Minh Anh chăm học.",
        "Trần Minh Anh chăm học.",
        "Em học môn Tiếng Anh.",
        "Lan man, thiếu tập trung.",  # the first word of a sentence says nothing
        "Ngoan. Tiến bộ. Chăm chỉ.",
        "Em chăm, ngoan, tiến bộ, hòa đồng.",
        "Em Lan Anh ở lớp khác.",  # nobody here is called so
        "Em Tiến bộ nhiều, Chăm chỉ.",
        "Em thích môn Khoa học.",
        "Học sinh Tiên tiến.",
        "Quê em ở tỉnh Hà Nam.",
        "Hà Nam là quê em.",
        "Em được cô Lan và mẹ Hòa khen.",
        "EM LAN MAN KHI LÀM BÀI.",
        "Em đạt điểm tốt nhóm Sao.",
        "Em viết đẹp nét Ý hoa.",
        "Em đọc bài “Sao” rất hay.",
        "",
    ],
)
def test_nobody_else(text: str) -> None:
    assert names_in(text, OWN.key, ROOM) == (None, None)


def test_pupils_who_share_a_name_are_not_strangers_in_each_others_comments() -> None:
    roll = Roll([Pupil("a", name="Lê Văn An"), Pupil("b", name="Vũ Thị An")])
    assert names_in("Em An ngoan.", "a", roll) == names_in("Em An ngoan.", "b", roll) == (None, None)
    assert names_in("Em Vũ Thị An ngoan.", "a", roll)[0] == "Vũ Thị An"
    assert names_in("Em Vũ Thị An ngoan.", "b", roll) == (None, None)


def test_finding_says_where_and_how_sure() -> None:
    cell = homeroom_comment(END)
    (sure,) = others_named(OWN, [(cell, "Em Lan ngoan.")], ROOM)
    (perhaps,) = others_named(OWN, [(cell, "Ngoan như Lan.")], ROOM)
    assert (sure.code, sure.severity) == ("ODD-OTHER-PUPIL", Severity.WARNING)
    assert (perhaps.code, perhaps.severity) == ("ODD-PERHAPS-PUPIL", Severity.HINT)
    assert {(f.pupil, f.field) for f in (sure, perhaps)} == {(OWN.key, cell.field)}
    assert others_named(OWN, [(cell, "Em ngoan.")], ROOM) == []


def test_a_text_of_names_alone_is_looked_at_in_one_go(monkeypatch: pytest.MonkeyPatch) -> None:
    full = MagicMock(**{"get.return_value": None})
    monkeypatch.setattr(ROOM, "_full", full)
    names_in("Lan " * 500, OWN.key, ROOM)
    assert 500 <= full.get.call_count <= 500 * 3  # names here have two to four words


DEMO = Path(hocba_tui.demo.__file__).parent
NAMES = tomllib.loads((DEMO / "names.toml").read_text(encoding="utf-8"))
WORDS_THAT_ARE_NAMES = (
    "Ngoan Hiền Hòa An Bình Chăm Yên Mai Tiến Thành Ý Khoa Nhân Trung Tự Học Anh Việt Nam Công Tin Tiên Xuân Thu Hạ "
    "Đông Hồ Hà Thái Mạnh Sơn Tinh Thủy Hưng Đạo Lợi Minh Bảo Sáng Tạo Toàn Đào Cúc Yến"
)
GIVEN = sorted({*NAMES["girls_given"], *NAMES["boys_given"], *WORDS_THAT_ARE_NAMES.split()})
MIDDLE = sorted({middle for key in ("girls_middle", "boys_middle") for middle in NAMES[key]})
EVERYBODY = Roll(Pupil(f"{m} {g}", name=f"Nguyễn {m} {g}") for m, g in itertools.product(MIDDLE, GIVEN))


def sentences(node: object) -> list[str]:
    if isinstance(node, str):
        return [node]
    branches = node.values() if isinstance(node, dict) else node
    assert isinstance(branches, type({}.values()) | list)
    return [text for branch in branches for text in sentences(branch)]


BANK = sentences(tomllib.loads((DEMO / "comments.toml").read_text(encoding="utf-8")))


@table("text", [*BANK, *NATURAL])
def test_no_alarm_over_natural_comments_whatever_the_pupils_are_called(text: str) -> None:
    assert names_in(text, "", EVERYBODY) == (None, None)


@given(st.sampled_from(GIVEN), st.sampled_from(BANK), st.sampled_from(["Em", "Bạn", "Con"]))
def test_a_name_put_into_any_comment_is_found_and_the_own_name_is_not(name: str, text: str, call: str) -> None:
    roll = Roll([Pupil("a", name=f"Lê Văn {name}"), Pupil("b", name="Lê Văn Khác")])
    written = f"{text} {call} {name} cần phát huy."
    assert names_in(written, "b", roll)[0] == name
    assert names_in(written, "a", roll) == (None, None)
    assert names_in(written.lower(), "b", roll) == (None, None)
