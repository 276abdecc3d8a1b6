"""What argparse says, in Vietnamese.

argparse takes each of its texts through the functions ``_`` and ``ngettext`` that it has imported from gettext. These
look for a catalogue by the locale of the process, and a server's locale is seldom Vietnamese. So the two names are
replaced in argparse while a parser of ours works, and put back afterwards: other parsers in the same process, and the
locale, stay as they are.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager

WORDS = {
    "usage: ": "cách dùng: ",
    "%(heading)s:": "%(heading)s:",
    "positional arguments": "lệnh và tham số",
    "options": "tùy chọn",
    "show this help message and exit": "hiện trợ giúp này rồi thôi",
    "show program's version number and exit": "hiện phiên bản rồi thôi",
    "argument %(argument_name)s: %(message)s": "%(argument_name)s: %(message)s",
    "the following arguments are required: %s": "thiếu %s",
    "one of the arguments %s is required": "thiếu một trong các tham số %s",
    "not allowed with argument %s": "không dùng cùng %s được",
    "unrecognized arguments: %s": "không hiểu %s",
    "ambiguous option: %(option)s could match %(matches)s": "%(option)s có thể là %(matches)s; gõ cho đủ",
    "ignored explicit argument %r": "không nhận giá trị %r",
    "expected one argument": "thiếu giá trị",
    "expected at most one argument": "thừa giá trị",
    "expected at least one argument": "thiếu giá trị",
    "expected %s argument": "cần %s giá trị",
    "expected %s arguments": "cần %s giá trị",
    "invalid %(type)s value: %(value)r": "không hiểu %(value)r",
    "invalid choice: %(value)r (choose from %(choices)s)": "không có lựa chọn %(value)r",
    "unknown parser %(parser_name)r (choices: %(choices)s)": "không có lệnh %(parser_name)r",
    "can't open '%(filename)s': %(error)s": "không mở được '%(filename)s': %(error)s",
}
"""Each text of argparse that our parsers can show, with ours. A named placeholder may be left out, none added."""


@contextmanager
def speaking_vietnamese() -> Iterator[None]:
    """Let argparse say what it says in Vietnamese within the block; a text without a translation stays as it is."""
    names = vars(argparse)
    ours = {"_": _one, "ngettext": _one_or_many}
    # A Python whose argparse has other names speaks English, and the test of this table fails there.
    theirs = {name: names[name] for name in ours if name in names}
    names.update({name: ours[name] for name in theirs})
    try:
        yield
    finally:
        names.update(theirs)


def _one(text: str) -> str:
    return WORDS.get(text, text)


def _one_or_many(one: str, many: str, count: int) -> str:
    return _one(one if count == 1 else many)
