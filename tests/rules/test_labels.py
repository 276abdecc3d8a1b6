"""The names of many cells, shortened."""

from __future__ import annotations

import pytest

from hocba_tui.model.curriculum import TRAITS, TraitGroup
from hocba_tui.model.results import COMMENT, HEIGHT, LEVEL, SCORE, Cell, homeroom_comment
from hocba_tui.model.values import Period
from hocba_tui.rules.labels import brief

END = Period.END_YEAR
QUALITIES = [Cell(END, code, LEVEL) for code, trait in TRAITS.items() if trait.group is TraitGroup.QUALITIES]


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ([], ""),
        ([Cell(END, "TOAN", SCORE)], "Toán (điểm)"),
        ([Cell(END, "TIN", LEVEL), Cell(END, "TIN", SCORE), Cell(END, "AN", LEVEL)], "Tin (mức, điểm); Nhạc (mức)"),
        (QUALITIES[:2], "Y.nước, N.ái"),
        ([*QUALITIES, Cell(END, "TCTH", LEVEL)], "5 phẩm chất; T.chủ"),
        ([Cell(END, TraitGroup.GENERAL, COMMENT), HEIGHT], "Nhận xét năng lực chung; Chiều cao (cm)"),
        ([homeroom_comment(END)], "Nhận xét của GVCN"),
    ],
)
def test_cells_are_named_in_few_words(cells: list[Cell], words: str) -> None:
    assert brief(cells) == words
