"""One change to several shards: an intent in the school's journal first, then one step per shard.

A process that finds an unfinished intent of a process that has ended finishes it, or undoes all its steps
when one of them has become impossible.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hocba_tui.errors import Conflict, HocbaError, StoreUnusable
from hocba_tui.store import journal
from hocba_tui.store.backend import SCHOOL, Edit, Entry, Expect
from hocba_tui.store.shard import FileShard
from hocba_tui.store.undo import GIVEN_UP

INTENTS = "intents"
Steps = Mapping[str, Sequence[Edit]]


class Intents:
    """The intents of one store. Call every method with the lock of intents held."""

    def __init__(self, shard: Callable[[str], FileShard]) -> None:
        self._shard = shard

    def do(self, actor: str, act: str, steps: Steps, note: str, rests: Mapping[str, Sequence[Expect]]) -> None:
        """Change several shards as one; see :meth:`hocba_tui.store.backend.Store.across`."""
        self.finish_pending()
        for name, edits in steps.items():
            shard = self._shard(name)
            shard.refresh()
            shard.require_sound()
            shard.compare(edits, rests.get(name, ()))
        key = secrets.token_hex(8)
        plan = {name: [list(edit) for edit in edits] for name, edits in steps.items()}
        kept = {name: [list(expect) for expect in expects] for name, expects in rests.items()}
        intent = {"actor": actor, "act": act, "note": note, "steps": plan, "rests": kept}
        self._shard(SCHOOL).change(actor, act, [Edit(INTENTS, key, "plan", None, intent)], note)
        self._carry_out(key, intent, new=True)

    def finish_pending(self) -> None:
        """Finish the intents that others left unfinished.

        What cannot be finished now (a full disk, a damaged class) waits for the next time, so that
        the rest of the school can work.
        """
        school = self._shard(SCHOOL)
        school.refresh()
        if not school.table(INTENTS):
            return
        school.settle()  # A power cut must not leave a step without its intent.
        for key, document in list(school.table(INTENTS).items()):
            with contextlib.suppress(HocbaError):
                _require_a_plan(document.get("plan"))
                self._carry_out(key, document["plan"])

    def _carry_out(self, key: str, intent: Mapping[str, Any], *, new: bool = False) -> None:
        """Do the steps of an intent that are not done yet; undo them all when one meets a conflict.

        Whether a step is done is read from the journal, not from the values, since somebody may have changed
        them later. A new intent has no step done, so no journal is searched. The decision to undo is written
        before the first step is undone.
        """
        actor, act, note = intent["actor"], intent["act"], intent["note"]
        steps = {name: [Edit(*edit) for edit in raw] for name, raw in intent["steps"].items()}
        school = self._shard(SCHOOL)
        conflict: Conflict | None = None
        if not school.document(INTENTS, key).get("undo"):
            try:
                for name, edits in steps.items():
                    rests = [Expect(*expect) for expect in intent.get("rests", {}).get(name, ())]
                    if new or not self._shard(name).steps_of(key):
                        self._shard(name).change(actor, act, edits, note, rests, intent=key)
                    else:
                        self._shard(name).settle()  # A power cut must not leave the other steps without it.
            except Conflict as error:
                conflict = error
                school.change(actor, f"{act}:give_up", [Edit(INTENTS, key, "undo", None, True)], note)
        undo = school.document(INTENTS, key).get("undo")
        if undo:
            for name, edits in reversed(steps.items()):
                _undo(self._shard(name), actor, act + GIVEN_UP, edits, key)
        closing = [Edit(INTENTS, key, "plan", intent, None), Edit(INTENTS, key, "undo", undo, None)]
        school.change(actor, f"{act}:end", closing, note)
        if conflict is not None:
            raise conflict


def _require_a_plan(plan: Any) -> None:  # noqa: ANN401 - whatever a restored store holds
    """Raise StoreUnusable unless we can have written a plan: carried out, another one would damage journals."""
    try:
        for name, raw in plan["steps"].items():
            edits = tuple(Edit(*edit) for edit in raw)
            journal.require_ours(Entry(0, "", plan["actor"], plan["act"], edits, plan["note"]))
            for table, key, document in plan.get("rests", {}).get(name, ()):
                journal.require_ours(Entry(0, "", "", "", (Edit(table, key, "", None, dict(document)),)))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise StoreUnusable("Sổ của trường ghi một việc làm dở không đọc được.") from error


def _undo(shard: FileShard, actor: str, act: str, edits: list[Edit], key: str) -> None:
    """Undo a step once, except for fields that somebody has changed since: those keep the newer value."""
    while True:
        done = shard.steps_of(key)
        if not done:
            return
        if any(entry.act == act for entry in done):
            shard.settle()
            return
        shard.refresh()
        back = [
            Edit(e.table, e.key, e.field, e.after, e.before)
            for e in edits
            if shard.document(e.table, e.key).get(e.field) == e.after
        ]
        # A conflict means that one of the fields was changed just now: look again.
        with contextlib.suppress(Conflict):
            shard.change(actor, act, back, intent=key)
