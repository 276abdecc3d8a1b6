"""What a key may mean, and one action with its keys: the words in which the table of actions is written."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

LIST_KEY = "f3,ctrl+n"
"""Opens the numbered list of what else can be done with the row."""
_FINAL_KEYS = {"f7", "f8"}


class Meaning(Enum):
    """What a key means, on whatever page it is pressed."""

    LEAVE = "về màn hình trước; khi đang ký: dừng sau học bạ đang ký (hỏi trước)"
    HELP = "các phím của màn hình này"
    PALETTE = "gõ tên việc muốn làm, không cần dấu"
    CLOSE = "thoát chương trình"
    TYPING = "đổi cách gõ tiếng Việt"
    SAVED = "nói đã lưu những gì, lúc nào"
    OPEN = "mở cái dưới con trỏ"
    STEP = "cái kế tiếp; khi đang ký: tạm dừng, ký tiếp"
    BACK = "cái trước"
    FIND = "tìm"
    NEXT = "tới chỗ tiếp theo còn phải làm"
    ODD = "tới điều lạ tiếp theo"
    EDIT = "sửa cái này"
    CARD = "phiếu của em này"
    REVIEW = "rà soát"
    MISSING = "còn thiếu gì"
    SHEET = "chọn môn hoặc bảng"
    COLUMN = "chọn cột"
    PERIOD = "chọn kỳ"
    FILTER = "lọc, lần lượt"
    BRING_IN = "nạp từ Excel"
    WRITE_OUT = "ghi ra Excel, hoặc chép tệp ra"
    UNDO = "hoàn tác"
    REDO = "làm lại"
    BLOCK = "chọn khối"
    AS_ABOVE = "giống ô trên"
    EMPTY = "điền các ô trống, hoặc như kỳ trước"
    COPY = "chép khối"
    PASTE = "dán khối"
    DIRECTION = "con trỏ đi xuống, sang phải, hay đợi Enter"
    CHOOSE = "chọn giá trị ở ô ≠"
    FINISH = "ghi những gì đang xem"
    LIST = "các việc khác với dòng này, có đánh số"
    DO = "làm việc của màn hình này; dòng phím nói rõ việc gì"
    REFUSE = "trả lại, có lí do"
    OWN = "theo dòng phím của màn hình ấy"


@dataclass(frozen=True)
class Action:
    """One action. ``id`` is stable, so that a keymap can give it another key."""

    id: str
    key: str
    """Its keys; empty when it has none of its own."""
    meaning: Meaning
    label: str
    """Text for the footer, at most two or three words."""
    help: str
    scope: str
    via: str = ""
    """Without a key of its own: the key that leads to it."""

    @property
    def name(self) -> str:
        """Return the last part of the id: the page's method is called so."""
        return self.id.partition(".")[2]

    @property
    def keys(self) -> tuple[str, ...]:
        """Return its keys, or those that lead to it."""
        return tuple((self.key or self.via).split(","))

    @property
    def shown_key(self) -> str:
        """Return the key as the footer writes it."""
        return key_name(self.keys[0])

    @property
    def listed(self) -> bool:
        """Return whether it is in the numbered list of its page."""
        return self.via == LIST_KEY

    @property
    def final(self) -> bool:
        """Return whether its key listens only on a page that has been painted."""
        return not _FINAL_KEYS.isdisjoint(self.key.split(","))


def own_actions(scope: str, *rows: tuple[str, str, Meaning, str, str]) -> tuple[Action, ...]:
    """Return the actions of a page that have keys of their own."""
    return tuple(Action(f"{scope}.{name}", key, what, label, text, scope) for name, key, what, label, text in rows)


def listed_actions(scope: str, text: str, *rows: tuple[str, str, str]) -> tuple[Action, ...]:
    """Return the key of the numbered list, and the actions that are in it."""
    return (
        Action(f"{scope}.choose", LIST_KEY, Meaning.LIST, "Việc khác", text, scope),
        *(Action(f"{scope}.{name}", "", Meaning.LIST, label, told, scope, LIST_KEY) for name, label, told in rows),
    )


_KEY_NAMES = {
    "escape": "Esc",
    "enter": "Enter",
    "space": "Space",
    "question_mark": "?",
    "slash": "/",
    "colon": ":",
    "equals_sign": "=",
    "left": "←",
    "right": "→",
}


def key_name(key: str) -> str:
    """Return a key as it is printed on a keyboard: Esc, ^P, F10."""
    if key.startswith("ctrl+"):
        return f"^{key[5:].upper()}"
    if key in _KEY_NAMES:
        return _KEY_NAMES[key]
    return key.upper() if key.startswith("f") and key[1:].isdigit() else key


def old_key_words(new: str) -> str:
    """Return what a key of the version before says."""
    return f"Phím này nay là {new}."
