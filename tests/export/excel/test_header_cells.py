from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from hocba_tui.export.excel.header_cells import Head, depth_of, places

PARTS = st.sampled_from(["a", "b", "c"])
HEADS = st.lists(st.lists(PARTS, min_size=1, max_size=3).map(tuple), min_size=1, max_size=8)


@given(HEADS)
def test_the_cells_cover_the_head_exactly_once(heads: list[Head]) -> None:
    covered = Counter(
        (row, column)
        for place in places(heads)
        for row in range(place.top, place.bottom + 1)
        for column in range(place.left, place.right + 1)
    )
    assert covered == Counter((row, column) for row in range(depth_of(heads)) for column in range(len(heads)))


@given(HEADS)
def test_above_each_column_stand_its_own_parts(heads: list[Head]) -> None:
    found = list(places(heads))
    for column, head in enumerate(heads):
        above = sorted((p for p in found if p.left <= column <= p.right), key=lambda place: place.top)
        assert tuple(place.text for place in above) == head
        assert (above[-1].left, above[-1].right) == (column, column)


def test_neighbours_under_one_part_share_its_cell_and_others_do_not() -> None:
    heads: list[Head] = [("Môn", "Toán", "Mức"), ("Môn", "Toán", "Điểm"), ("Môn", "Nhạc", "Mức"), ("Ghi chú",)]
    spans = {(p.text, p.top): (p.left, p.right, p.bottom) for p in places(heads)}
    assert spans["Môn", 0] == (0, 2, 0)
    assert spans["Toán", 1] == (0, 1, 1)
    assert spans["Nhạc", 1] == (2, 2, 1)
    assert spans["Ghi chú", 0] == (3, 3, 2)
