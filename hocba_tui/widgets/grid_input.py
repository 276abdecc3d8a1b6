"""What a key does in the grid, without a screen: values, moves, and what follows directly behind a value.

The rules keep every mark on the pupil on whose row it was typed. Values flow on by themselves; a value followed by
Enter, Tab or an arrow lands where Excel lands; what no cell takes, or a number that is not finished, never flows on.
"""

from __future__ import annotations

from dataclasses import dataclass

from hocba_tui.model.values import EntryKind
from hocba_tui.widgets.grid_hand import Direction, Hand, Place
from hocba_tui.widgets.grid_keys import LEAPS, accepts, other_column, step_of
from hocba_tui.widgets.grid_model import CLOSED, CellState, GridModel


@dataclass(frozen=True)
class Behind:
    """A value that the very last key finished, and after which the cursor went on by itself."""

    place: Place
    text: str


_KEY = "\0"
"""Stands for the key in :attr:`GridInput.end`; no name holds it."""


class GridInput:
    """The state between two keys, and what the next one does."""

    def __init__(self, model: GridModel, hand: Hand, direction: Direction = Direction.DOWN) -> None:
        self.model = model
        self.direction = direction
        self.end = ""
        """Why value keys are refused until the cursor is moved on purpose; empty otherwise."""
        self._hand = hand
        self._behind: Behind | None = None
        self._tabs_from: int | None = None
        """The column in which a run of Tabs began; Enter returns to it in the next row."""
        self._row_ended = False
        """Whether it is only a row that has ended: Enter and Down lead on."""
        self._confirmed = False
        """Whether the key before confirmed a value that was finished already."""
        self._times_confirmed = 0

    def forget(self) -> None:
        """Take the next key as one that follows nothing: after a dialog, a jump, another sheet."""
        self._behind, self._tabs_from, self._confirmed = None, None, False
        self._start_again()

    def _start_again(self) -> None:
        """Take values again after an end."""
        self.end, self._row_ended = "", False

    def follow(self, model: GridModel) -> None:
        """Go on in ``model``, which has other pupils: cursor, held value and block stay on theirs.

        When the pupil under the cursor has gone, value keys are refused until the cursor is moved on purpose.
        """
        before, self.model = self.model, model
        if before.empty or model.empty:
            self.forget()
            return
        rows = {pupil: row for row, pupil in enumerate(model.pupils)}
        columns = {column.field: number for number, column in enumerate(model.columns)}

        def now(place: Place) -> Place | None:
            row, column = rows.get(before.pupils[place[0]]), columns.get(before.columns[place[1]].field)
            return None if row is None or column is None else (row, column)

        here = now((before.row, before.column))
        anchor = now(before.anchor) if before.anchor else None
        typed = now(self._behind.place) if self._behind else None
        self._behind = Behind(typed, self._behind.text) if self._behind and typed else None
        if here:
            model.row, model.column = here
            model.pending, model.anchor = before.pending, anchor
            model.extending = before.extending and anchor is not None
            return
        self.forget()
        model.row = min(before.row, len(model.names) - 1)
        name = before.names[before.row].strip()
        held = f"; “{before.pending}” CHƯA lưu" if before.pending else ""
        self.end = f"{name} không còn trong lớp{held}. Phím {_KEY} không vào ô nào; bấm mũi tên để tới em khác."
        self._refuse("gõ tiếp")

    @property
    def here(self) -> Place:
        """Return where the cursor is."""
        return self.model.row, self.model.column

    def key(self, key: str, char: str, page: int) -> bool:
        """Do what a key does; return False when the grid does not take it.

        ``char`` is its letter in composed form or empty; ``page`` is the number of rows on the screen.
        """
        behind, self._behind = self._behind, None
        confirmed, self._confirmed = self._confirmed, False
        kind = self.model.columns[self.model.column].kind
        if char == " " and key == "space":
            return self._space()
        if accepts(kind, char) or other_column(kind, char):
            return self._value(kind, char, behind)
        if key in ("backspace", "delete"):
            return self._remove(kind, behind)
        if key == "escape":
            return self._escape()
        return self._move(key, behind, page, skips=confirmed and key == "enter")

    # --- values --------------------------------------------------------------------------------

    def _value(self, kind: EntryKind, char: str, behind: Behind | None) -> bool:
        if self.end:
            self._refuse(char)
        elif behind and self._is_score(behind) and char in ".,0":
            self._go(behind.place)
            self._hand.take_back(behind.place)
            self._hold_unfinished(behind.text + char)
        elif self.model.active.state in CLOSED:
            self._hand.locked()
        else:
            self._hand.select_nothing()
            self._type(kind, char)
        return True

    def _is_score(self, typed: Behind) -> bool:
        return self.model.columns[typed.place[1]].kind is EntryKind.SCORE and typed.text.isdigit()

    def _refuse(self, key: str) -> None:
        """Say why a key is not taken."""
        self._hand.refuse(self.end.replace(_KEY, key))

    def _type(self, kind: EntryKind, char: str) -> None:
        """Add a key to the active cell."""
        pending = self.model.pending
        if self.direction is Direction.WAIT or kind is EntryKind.NUMBER:
            self._hold(pending + char)
        elif kind is EntryKind.SCORE:
            self._type_score(pending, char)
        elif pending or (kind is EntryKind.LEVEL and not char.isalpha()):
            # A number in a column of levels: nothing flows on from it.
            self._hold(pending + char)
            self._hand.refuse(f"“{self.model.pending}” CHƯA lưu. {self._other_column()}; Esc để bỏ.")
        else:
            self._finish(char)

    def _type_score(self, pending: str, char: str) -> None:
        """Wait for a 0 behind 1; hold a number that begins with 0 or has a comma or point."""
        if pending == "1" and char == "0":
            self._finish("10")
        elif pending == "1" and char not in ".,":
            self._finish("1")
            self._behind = None
            self._value(self.model.columns[self.model.column].kind, char, None)
        elif pending or char in ".,0":
            self._hold_unfinished(pending + char)
        elif char == "1":
            self._hold(char)
        else:
            self._finish(char)

    def _other_column(self) -> str:
        """Return what a column of levels takes, and where scores belong."""
        columns, here = self.model.columns, self.model.column
        beside = columns[here + 1 :][:1]
        scores = beside and beside[0].kind is EntryKind.SCORE and beside[0].group == columns[here].group
        return "Đây là cột Mức (gõ chữ)" + ("; điểm ở cột bên phải" if scores else ", không nhận số")

    def _hold(self, text: str) -> None:
        """Keep what is typed in the active cell until a key finishes it."""
        self._behind = None
        self.model.pending = text
        self._hand.repaint(self.here)

    def _hold_unfinished(self, text: str) -> None:
        self._hold(text)
        self._hand.say(f"“{text}” CHƯA lưu: Enter để kết thúc, Backspace để sửa, Esc để bỏ.")

    def _finish(self, text: str) -> None:
        """Store a value and go on."""
        place = self.here
        self._store(text)
        self._on(*self._step())
        self._hand.repaint(place)
        self._behind = Behind(place, text)

    def _store(self, text: str) -> None:
        self.model.pending = ""
        self._hand.store(self.here, text)

    def commit(self) -> bool:
        """Finish what is being typed; return whether there was anything."""
        text = self.model.pending
        if text:
            self._store(text)
            self._hand.repaint(self.here)
        return bool(text)

    # --- moves ---------------------------------------------------------------------------------

    def _step(self) -> tuple[int, int]:
        """Return the step after a value in the present direction."""
        return self.model.rightwards() if self.direction is Direction.RIGHT else (1, 0)

    def _on(self, rows: int, columns: int) -> None:
        """Go on behind a value; at the last cell the cursor stays, and value keys are refused from then on."""
        if self.model.row + rows >= len(self.model.names):
            self.end = f"Hết lớp. Phím {_KEY} không vào ô nào; nếu thừa, có thể một em đã gõ hai lần."
            self._row_ended = False
        elif self.model.column + columns >= len(self.model.columns):
            self.end = f"Bên phải không còn cột nào. Phím {_KEY} không vào ô nào; bấm mũi tên để tới ô khác."
            self._row_ended = True
        else:
            self._start_again()
            self._hand.travel(rows, columns)

    def _go(self, place: Place) -> None:
        self._start_again()
        self._hand.travel(place[0] - self.model.row, place[1] - self.model.column)

    def _roam(self, rows: int, columns: int) -> None:
        """Move by the person's own choice, inside the grid; an end stays one until the cursor has moved."""
        before = self.here
        self._hand.travel(rows, columns)
        if self.here != before:
            self._start_again()

    def _space(self) -> bool:
        """Leave a pupil out: finish what is held, and go to the next pupil."""
        self._tabs_from = None
        if self.commit() or not self.end or self._row_ended:
            self._on(*(self.model.to_next_pupil() if self.direction is Direction.RIGHT else (1, 0)))
        return True

    def _move(self, key: str, behind: Behind | None, page: int, *, skips: bool) -> bool:
        """Take a key that moves the cursor; return False for other keys.

        ``skips`` is whether it is the second Enter behind a value, which leaves a pupil out.
        """
        key = "left" if key == "shift+tab" else key
        plain = key.removeprefix("shift+")
        as_step = "right" if plain == "tab" else plain
        step = self.model.leap(*LEAPS[plain]) if plain in LEAPS else step_of(as_step, page)
        if step is None:
            return False
        if key == "enter" and not behind and self._opens():
            return True
        if plain != key:
            behind = None
            self._hand.select()
        elif not self.model.extending:
            self._hand.select_nothing()
        started = self._tab_run(plain, behind)
        held = self.commit()
        if plain in ("enter", "down") and started is not None:
            row = behind.place[0] if behind else self.model.row
            self._on(row + 1 - self.model.row, started - self.model.column)
        elif behind:
            self._from(behind, plain, step)
        elif held and plain in ("enter", "down", "right", "tab"):
            self._on(*(self._step() if plain == "enter" else step))
        elif skips:
            self._on(*step)
        elif not self._stays_at_end(plain):
            self._roam(*step)
        return True

    def _stays_at_end(self, plain: str) -> bool:
        """Return whether a key does not lead away from an end: at that of a row, Enter and Down do."""
        stay = ("right", "tab") if self._row_ended else ("enter", "down", "tab")
        return bool(self.end) and plain in stay

    def _opens(self) -> bool:
        """Open a comment or a conflict; return False for a cell in which Enter moves."""
        kind, state = self.model.columns[self.model.column].kind, self.model.active.state
        if self.model.pending or self._tabs_from is not None:
            return False
        if kind is not EntryKind.TEXT and state is not CellState.CONFLICT:
            return False
        if state in CLOSED:
            self._hand.locked()
        else:
            self._hand.open(self.here)
        return True

    def _tab_run(self, plain: str, behind: Behind | None) -> int | None:
        """Return the column in which the run of Tabs before this key began; begin or go on with a run."""
        started, self._tabs_from = self._tabs_from, None
        if plain == "tab":
            here = behind.place[1] if behind else self.model.column
            self._tabs_from = here if started is None else started
        return started

    def _from(self, behind: Behind, plain: str, step: tuple[int, int]) -> None:
        """Move with a key that comes directly behind a value: counted from the cell that was typed."""
        row, column = behind.place
        right = self.direction is Direction.RIGHT
        confirms = ("enter", "right", "tab") if right else ("enter", "down")
        if plain in confirms:
            if not self.end:
                self._confirm()
        elif plain == "up":
            self._go((row, column))
        elif plain == "left":
            self._go((row, column))
            self._roam(*step)
        elif plain in ("right", "tab", "down"):
            if not self.end or plain != "down":
                self._go((row, column))
                self._on(*step)
        else:
            self._roam(*step)

    def _confirm(self) -> None:
        """Stay: the key finished a value that was finished already. The first times, say where the cursor is."""
        self._confirmed = True
        self._times_confirmed += 1
        if self._times_confirmed <= _TOLD:
            name = self.model.names[self.model.row].strip()
            self._hand.say(f"Enter: xong. Đang ở {name}; Space: bỏ qua em này.")

    # --- removing ------------------------------------------------------------------------------

    def _remove(self, kind: EntryKind, behind: Behind | None) -> bool:
        """Take one key away, take a value back, or empty the cell."""
        ended = self.end
        self._start_again()
        if self.model.block and not self.model.pending:
            self._hand.clear_block()
        elif self.model.pending:
            self._hold(self.model.pending[:-1])
        elif behind and behind.text in _COMPOSED:
            # An input method sends this Backspace for the second d; a person is told the way back.
            self._hand.say("Sau Đ phím lùi không lùi ô (bộ gõ cũng gửi phím này); bấm ↑ để về ô vừa gõ.")
        elif behind:
            self._go(behind.place)
            self._hand.take_back(behind.place)
        elif self.model.active.state in CLOSED:
            self._hand.locked()
        elif self.model.active.state is CellState.WRONG:
            self._hand.restore(self.here)
        elif self.model.active.state is CellState.CONFLICT:
            self._hand.refuse("Ô này có hai giá trị (≠): bấm Enter hoặc = để chọn.")
        elif kind is not EntryKind.TEXT and self.model.active.text:
            self._hand.store(self.here, "")
        elif ended:
            self._hand.say("Ô này đang trống.")
        return True

    def _escape(self) -> bool:
        """Give up what is typed, else the selection, else a wrong value; return False when there is none of these."""
        self._tabs_from = None
        if self.model.pending:
            self._hold("")
        elif self.model.block:
            self._hand.select_nothing()
        elif self.model.active.state is CellState.WRONG:
            self._hand.restore(self.here)
        else:
            return False
        return True


_COMPOSED = "dDđĐ"
_TOLD = 3
"""How many times a confirming key is explained."""
