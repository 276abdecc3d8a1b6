"""Any keys, one by one and in reads of any size, through the app: the store holds what the written rules say."""

from __future__ import annotations

import os
from itertools import cycle
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from textual._xterm_parser import XTermParser
from textual.pilot import Pilot

from hocba_tui.flow.opening import open_desk
from hocba_tui.model.values import EntryKind
from hocba_tui.widgets.grid_hand import Direction
from hocba_tui.widgets.textual_internals import mark_read
from tests.conftest import Open
from tests.screens.grid.test_grid_page import page, settle
from tests.support.grid_oracle import Oracle, Place, in_reads, sent

EXAMPLES = int(os.environ.get("HOCBA_KEYS", "6"))
KEYS = "998877655431100ttthhccđd,.⏎⏎⏎⏎⏎↓↓↓↑→→←⇥⇥⇥␣␣⌫⌫⎋"
KINDS = {EntryKind.LEVEL: "l", EntryKind.SCORE: "s", EntryKind.TEXT: "c"}


async def bring(pilot: Pilot[Any], keys: str) -> None:
    """Deliver keys as the driver does that has read them at once."""
    parser = XTermParser()
    messages = [*parser.feed(sent(keys)), *parser.feed("")] if keys != "⎋" else []
    if keys == "⎋":
        await pilot.press("escape")
    mark_read(messages)
    for message in messages:
        pilot.app.post_message(message)


def marks_of(root: Path, pupils: list[str], fields: list[str]) -> dict[Place, str]:
    results = open_desk(root, "gv.5a").results("5A")
    held = {(row, column): results[key].fields.get(field) for row, key in enumerate(pupils) if key in results
            for column, field in enumerate(fields)}  # fmt: skip
    return {place: str(value) for place, value in held.items() if value is not None}


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 2**32), st.sampled_from([1, 4, 40]), st.sampled_from(["TOAN", "TV"]))
async def test_any_keys_in_any_reads_store_what_the_rules_say(
    open_app: Open, store_root: Path, seed: int, size: int, sheet: str
) -> None:
    chance = Random(seed)
    async with open_app("gv.5a", "grid", class_key="5A", sheet=sheet) as pilot:
        grid, marks = page(pilot), page(pilot).entry.marks
        grid.grid.direction = chance.choice(list(Direction))
        pupils, fields = [pupil.key for pupil in marks.pupils], [column.cell.field for column in marks.columns]
        row = chance.choice([0, len(pupils) - 6])
        grid.grid.jump(row, chance.randrange(2))
        closed = [(pupils.index(key), fields.index(field)) for key, field in marks.locks if field in fields]
        oracle = Oracle(len(pupils), "".join(KINDS[column.kind] for column in marks.columns), closed=closed)
        oracle.way, oracle.marks, oracle.at = grid.grid.direction.value, marks_of(store_root, pupils, fields), grid.here
        typed = "".join(key for key in chance.choices(KEYS, k=60))
        taken = ""
        for keys in in_reads(typed, cycle(chance.choices(range(1, size + 1), k=7))):
            inside = "".join(key for key in keys if oracle.press(key))
            taken += inside
            if inside:
                await bring(pilot, inside)
        await settle(pilot)
        seen = (grid.here, grid.grid.model.pending, marks_of(store_root, pupils, fields))
        assert seen == (oracle.at, oracle.held, oracle.marks), taken
