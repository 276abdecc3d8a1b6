"""A PIN that an input method has spoiled is refused; anything that a token may have is not."""

from __future__ import annotations

import string
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hocba_tui.rules.pin import UNTRIED, pin_problem
from tests.support.table import table

DIACRITICS = "PIN có chữ có dấu: có lẽ đang bật bộ gõ tiếng Việt; tắt rồi gõ lại. Chưa thử lần nào trên token."


@pytest.mark.parametrize("pin", ["123456", "1234a6", "Mat-Khau 9!", "a", "~\\^`{}"])
def test_what_a_token_may_have_is_let_through(pin: str) -> None:
    assert pin_problem(pin) is None


@pytest.mark.parametrize("pin", ["1234á6", "Ván", "đ12345", unicodedata.normalize("NFD", "1234ạ6"), "1ê\x7f2", "жук12"])
def test_a_letter_with_a_diacritic_is_an_input_method_that_is_on(pin: str) -> None:
    assert pin_problem(pin) == DIACRITICS


@table(
    ("pin", "reason"),
    [
        ("", "Chưa nhập mã PIN"),
        ("１２３４５６", "toàn hình"),
        ("12345６", "toàn hình"),
        ("ａ12345", "toàn hình"),
        ("123\x1b456", "phím điều khiển"),
        ("123456\n", "phím điều khiển"),
        ("123\u200b456", "phím điều khiển"),
        ("123\udcff456", "phím điều khiển"),
        ("123\ufffd456", "không có trên bàn phím"),
        ("123\u00a0456", "không có trên bàn phím"),
        ("١٢٣٤", "không có trên bàn phím"),
    ],
)
def test_every_refusal_says_why_and_that_no_try_was_used(pin: str, reason: str) -> None:
    problem = pin_problem(pin)
    assert problem is not None
    assert reason in problem
    assert problem.endswith(UNTRIED)


@given(st.text())
def test_printable_ascii_and_nothing_else_may_be_a_pin(pin: str) -> None:
    plain = bool(pin) and set(pin) <= set(string.printable) - set("\t\n\r\v\f")
    assert (pin_problem(pin) is None) == plain
