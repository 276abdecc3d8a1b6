"""The keys that PuTTY, Windows Terminal, macOS and Linux send, as docs/may-khach.md lists them, are understood."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from textual import events

from hocba_tui.widgets.textual_internals import Keyboard
from tests.support.table import table

PAGE = Path(__file__).parents[2] / "docs" / "may-khach.md"
CODE = re.compile(r"`([^`]+)`")


def sent(code: str) -> str:
    """Return the characters that a cell of the table stands for: ``ESC [1~``, the number of a byte, or itself."""
    if code.startswith("ESC "):
        return "\x1b" + code.removeprefix("ESC ")
    return chr(int(code)) if code.isdigit() and code != "7" else code


def listed() -> Iterator[tuple[str, str, str]]:
    rows = PAGE.read_text(encoding="utf-8").partition("## 10.")[2].splitlines()
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows if row.startswith("|")]
    clients = cells[0][1:]
    for first, *others in cells[2:]:
        for client, cell in zip(clients, others, strict=True):
            for code in CODE.findall(cell):
                yield client, CODE.findall(first)[0], code


KEYS = tuple(listed())


def pressed(text: str) -> list[str]:
    keyboard = Keyboard()
    found = [*keyboard.read(text), *keyboard.lone_escape()]
    return [message.key for message in found if isinstance(message, events.Key)]


@table("client, key, code", KEYS)
def test_a_key_of_the_page_is_that_key(client: str, key: str, code: str) -> None:
    assert pressed(sent(code)) == [key]


def test_the_page_has_every_key_for_each_client() -> None:
    for number in range(1, 11):
        assert len([client for client, key, _ in KEYS if key == f"f{number}"]) == 6
    assert len(KEYS) > 150


def test_keys_that_follow_one_another_in_one_read_are_kept_apart() -> None:
    for client in {client for client, _, _ in KEYS}:
        own = [(key, sent(code)) for name, key, code in KEYS if name == client]
        assert pressed("".join(text for _, text in own)) == [key for key, _ in own]


def test_what_the_page_warns_of_is_so() -> None:
    """``End`` of PuTTY's rxvt setting is the keypad's 7, and its SCO setting takes the keys behind F1."""
    assert pressed("\x1bOw") == ["7"]
    assert pressed("\x1b[M789") == []
