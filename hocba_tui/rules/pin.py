"""What cannot be the PIN of a token: refused before the token is asked, because tokens lock after three wrong PINs."""

from __future__ import annotations

import unicodedata

UNTRIED = "Chưa thử lần nào trên token."
_DIACRITICS = "PIN có chữ có dấu: có lẽ đang bật bộ gõ tiếng Việt; tắt rồi gõ lại."
_WIDE = "PIN có chữ hoặc số toàn hình (rộng gấp đôi): có lẽ đang bật bộ gõ nước ngoài; tắt rồi gõ lại."
_CONTROL = "PIN có phím điều khiển lẫn vào (không phải chữ, số); gõ lại."
_STRANGE = "PIN có ký tự không có trên bàn phím thường; gõ lại."


def pin_problem(pin: str) -> str | None:
    """Return why ``pin`` cannot be what the person means, and that no try was used; None when it may be right.

    Printable ASCII may be right. Everything else comes from an input method or a slip.
    """
    if not pin:
        return f"Chưa nhập mã PIN; chưa ký gì. {UNTRIED}"
    problems = {_problem(char) for char in pin}
    for problem in (_DIACRITICS, _WIDE, _CONTROL, _STRANGE):
        if problem in problems:
            return f"{problem} {UNTRIED}"
    return None


def _problem(char: str) -> str | None:
    if char.isascii():
        return None if char.isprintable() else _CONTROL
    if unicodedata.east_asian_width(char) == "F":
        return _WIDE
    match unicodedata.category(char)[0]:
        case "L" | "M":
            return _DIACRITICS
        case "C":
            return _CONTROL
        case _:
            return _STRANGE
