"""The answers of the wizard: they are the founding file itself, kept beside the place of the store from the first key.

So nothing that was typed is lost, whatever ends the wizard; the file can be looked at, corrected with an editor, and
used again with ``hocba school found``.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeGuard

from hocba_tui.errors import Conflict, Refused, StoreUnusable, system_reason
from hocba_tui.flow.founding.questions import Place, Step, roles_of
from hocba_tui.flow.founding.settings_file import Founding, found_from, founding_in, tables_in
from hocba_tui.model.school import School
from hocba_tui.store.disk import make_folder, not_saved, read_plain, write_atomic
from hocba_tui.store.filesystem import require_local, require_outside
from hocba_tui.text import clean_line

_UNTOUCHED = "Chưa có gì bị thay đổi."


class Answers:
    """The answers about the school that is to be founded in ``root``."""

    def __init__(self, root: Path) -> None:
        """Read what was answered before; Refused when the file is not one of ours, or not to be read."""
        self.root = root
        self.path = root.with_name(f"{root.name}.truong.toml")
        try:
            data = read_plain(self.path)
            own = self.path.stat(follow_symlinks=False).st_uid == os.geteuid()
        except FileNotFoundError:
            data, own = b"", True
        except OSError as error:
            raise Refused(f"Không đọc được {self.path}: {system_reason(error)}.", _AWAY, _UNTOUCHED) from error
        if not own:
            raise Refused(f"{self.path} là tệp của người khác.", _AWAY, _UNTOUCHED)
        self.begun = bool(data)
        """Whether something was answered before."""
        self._tables = tables_in(str(self.path), data)

    def get(self, place: Place) -> str:
        """Return an answer, empty when there is none."""
        table: Any = self._tables
        for name in place:
            table = table.get(name, {}) if isinstance(table, Mapping) else {}
        return "" if isinstance(table, Mapping) else " ".join(map(str, table)) if _many(table) else str(table)

    def shown(self, step: Step, place: Place) -> str:
        """Return what stands in the line of a question: the answer, else what it begins with."""
        return self.get(place) if self._answered(step) else step.begins_with.get(place, "")

    def take(self, step: Step, typed: Mapping[Place, str]) -> None:
        """Take what stands in the lines of a step, right or not, and put all answers on disk. NotSaved when it refuses.

        An account of whom nothing was said is left out.
        """
        for place, text in typed.items():
            table = self._tables
            for name in place[:-1]:
                table = table.setdefault(name, {})
            table.pop(place[-1], None)  # Behind what stands before it in the step, in the file too.
            if answer := clean_line(text):
                table[place[-1]] = answer
        if step.account:
            accounts = self._tables["accounts"]
            if all(self.get(q.place) in ("", step.begins_with.get(q.place)) for q in step.questions):
                del accounts[step.account]
            else:
                accounts[step.account].setdefault("roles", list(roles_of(step.account)))
        self.save()

    def save(self) -> None:
        """Put the answers on disk."""
        try:
            write_atomic(self.path, self.text().encode("utf-8", "replace"))
        except OSError as error:
            raise not_saved(error) from error

    def text(self) -> str:
        """Return the founding file."""
        return "\n".join(_written(self.root, self._tables))

    def founding(self) -> Founding:
        """Return what the file says now; Refused when a school cannot be founded from it yet."""
        return founding_in("Tệp lập trường", self.text().encode("utf-8", "replace"))

    def found(self) -> School:
        """Found the school, from the file as it is on disk, and return it."""
        return found_from(self.path.name, read_plain(self.path), self.root)

    def _answered(self, step: Step) -> bool:
        return any(self.get(question.place) for question in step.questions)


_AWAY = "Dời tệp ấy đi nơi khác rồi mở lại."


@contextmanager
def answering(root: Path) -> Iterator[Answers]:
    """Yield the answers about the school to be founded in ``root``, for this person alone.

    Conflict when somebody else is answering; StoreUnusable or Refused when no store can be made there, NotSaved when
    the disk refuses.
    """
    require_outside(root)
    try:
        make_folder(root.parent)
        handle = os.open(root.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise _not_there(root, system_reason(error)) from error
    try:
        require_local(root.parent)
        if not os.access(root.parent, os.W_OK | os.X_OK):
            raise _not_there(root, "không có quyền ghi")
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Conflict(
                f"Đang có người lập trường ở {root.parent}, trong một cửa sổ khác.", "Làm tiếp ở cửa sổ ấy.", _UNTOUCHED
            ) from error
        yield Answers(root)
    finally:
        os.close(handle)


def _not_there(root: Path, why: str) -> StoreUnusable:
    return StoreUnusable(
        f"Chưa có trường nào ở {root}, mà không lập được ở đó: {why} ({root.parent}).",
        "Gõ nhầm thì xem lại --store. Lập trường mới thì chạy bằng tài khoản giữ kho: sudo -u hocba hocba open …",
        _UNTOUCHED,
    )


def _written(root: Path, tables: Mapping[str, Any]) -> Iterator[str]:
    yield f"# Tệp lập trường của {root}, do hocba ghi từ những gì đã trả lời. Lập lại:"
    yield f"#   hocba school found {root.name}.truong.toml --store THƯ_MỤC_KHO"
    yield from _table((), tables)


def _table(path: tuple[str, ...], table: Mapping[str, Any]) -> Iterator[str]:
    plain = {name: value for name, value in table.items() if not isinstance(value, Mapping)}
    if path and plain:
        yield ""
        yield f"[{'.'.join(map(_quoted_name, path))}]"
    for name, value in plain.items():
        yield f"{_quoted_name(name)} = {_value(value)}"
    for name, value in table.items():
        if isinstance(value, Mapping):
            yield from _table((*path, name), value)
    if not path:
        yield ""


def _value(value: object) -> str:
    if _many(value):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else _text(str(value))


def _many(value: object) -> TypeGuard[Sequence[object]]:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _quoted_name(name: str) -> str:
    return name if name.isascii() and name.replace("_", "").replace("-", "").isalnum() else _text(name)


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
