"""The checker tells good histories from bad ones, and a shard's real answers can be explained."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.crowd.history import record
from tests.crowd.linearizable import NEVER, Act, Written, is_linearizable
from tests.support.table import table


def put(process: str, asked: int, answered: int, before: object, value: object, cell: str = "a") -> Act:
    return Act(process, asked, answered, (Written(cell, before, value),))


def refused(process: str, asked: int, answered: int, before: object, held: object, cell: str = "a") -> Act:
    return Act(process, asked, answered, (Written(cell, before, "never"),), conflict=(cell, held))


def look(process: str, asked: int, answered: int, **cells: object) -> Act:
    return Act(process, asked, answered, read=cells)


GOOD = {
    "nothing": [],
    "one after the other": [put("p", 0, 1, None, "x"), put("q", 2, 3, "x", "y"), look("p", 4, 5, a="y")],
    "a read during a change may see it": [put("p", 0, 9, None, "x"), look("q", 2, 3, a="x"), look("q", 4, 5, a="x")],
    "a read during a change may miss it": [put("p", 0, 9, None, "x"), look("q", 2, 3), look("q", 10, 11, a="x")],
    "the loser of two is told": [put("p", 0, 5, None, "x"), refused("q", 0, 5, None, "x"), look("q", 6, 7, a="x")],
    "who asked later was first": [put("p", 0, 9, "x", "y"), put("q", 1, 8, None, "x"), look("p", 10, 11, a="y")],
    "a removed cell is no cell": [put("p", 0, 1, None, "x"), put("p", 2, 3, "x", None), look("p", 4, 5)],
    "a killed change that took effect": [put("p", 0, NEVER, None, "x"), look("q", 5, 6), look("q", 7, 8, a="x")],
    "a killed change that did not": [put("p", 0, NEVER, None, "x"), look("q", 5, 6), put("q", 7, 8, None, "y")],
    "a killed change that took effect late": [
        put("p", 0, NEVER, None, "x"),
        put("q", 1, 2, None, "y"),
        put("q", 3, 4, "y", None),
        look("q", 5, 6),
        look("q", 7, 8, a="x"),
    ],
    "two cells at once": [
        Act("p", 0, 9, (Written("a", None, "x"), Written("b", None, "x"))),
        look("q", 1, 2),
        look("q", 3, 4, a="x", b="x"),
    ],
}
BAD = {
    "lost update": [
        put("p", 0, 1, None, "0"),
        put("p", 2, 5, "0", "x"),
        put("q", 3, 6, "0", "y"),
        look("p", 7, 8, a="y"),
    ],
    "stale read": [put("p", 0, 1, None, "x"), look("q", 2, 3)],
    "a read goes back": [put("p", 0, 9, None, "x"), look("q", 1, 2, a="x"), look("q", 3, 4), look("q", 10, 11, a="x")],
    "two readers saw two orders": [
        put("p", 0, 9, None, "x", "a"),
        put("q", 0, 9, None, "y", "b"),
        look("r", 1, 2, a="x"),
        look("s", 3, 4, b="y"),
    ],
    "doubled write": [
        put("p", 0, 1, None, "x"),
        put("q", 2, 3, "x", "y"),
        look("q", 4, 5, a="x"),
    ],
    "a killed change that took effect twice": [
        put("p", 0, NEVER, None, "x"),
        look("q", 1, 2, a="x"),
        put("q", 3, 4, "x", None),
        look("q", 5, 6, a="x"),
    ],
    "a value that nobody wrote": [put("p", 0, 1, None, "x"), look("q", 0, 9, a="z")],
    "seen before it was asked for": [look("q", 0, 1, a="x"), put("p", 2, 3, None, "x")],
    "acknowledged, then lost after a kill": [
        put("p", 0, 1, None, "x"),
        put("p", 2, NEVER, "x", "y"),
        look("q", 5, 6),
    ],
    "a false conflict": [refused("p", 0, 1, None, "x"), put("q", 2, 3, None, "x")],
    "a conflict over what was as it was seen": [put("p", 0, 1, None, "x"), refused("q", 2, 3, "x", "x")],
    "a refused change that was written": [
        put("p", 0, 1, None, "x"),
        refused("q", 2, 3, None, "x"),
        look("q", 4, 5, a="never"),
    ],
    "half a change": [Act("p", 0, NEVER, (Written("a", None, "x"), Written("b", None, "x"))), look("q", 1, 2, a="x")],
}


@table("acts", GOOD.values())
def test_a_good_history_is_explained(acts: list[Act]) -> None:
    assert is_linearizable(acts)


@table("acts", BAD.values())
def test_a_bad_history_is_not(acts: list[Act]) -> None:
    assert not is_linearizable(acts)


def test_many_changes_at_once_are_explained_in_good_time() -> None:
    chain = [put(f"p{number}", 0, 100, number or None, number + 1) for number in range(18)]
    killed = [put("k", 0, NEVER, number or None, "lost") for number in range(6)]
    assert is_linearizable([*chain, *killed, look("q", 101, 102, a=18)])
    assert not is_linearizable([*chain[:5], *chain[6:], look("q", 101, 102, a=18)])


@pytest.mark.parametrize("seed", range(2))
def test_what_a_shard_answers_while_processes_are_killed_is_linearizable(tmp_path: Path, seed: int) -> None:
    recorded = record(tmp_path, seed)
    assert recorded.damage == ""
    assert is_linearizable(recorded.acts)
    # The same history with one acknowledged change forgotten, or one read made up, has no explanation.
    reads = [act for act in recorded.acts if act.read is not None]
    made_up = reads[len(reads) // 2]
    assert not is_linearizable(
        [act if act is not made_up else act._replace(read={"hs1.a": "nobody's"}) for act in recorded.acts]
    )
    seen = {value for act in reads for value in (act.read or {}).values()}
    forgotten = next(act for act in recorded.acts if any(w.after in seen for w in act.change) and not act.conflict)
    assert not is_linearizable([act for act in recorded.acts if act is not forgotten])
