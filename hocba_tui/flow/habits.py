"""How a person likes to work. No fact of the school: it lies with the person's drafts, and leaves with them."""

from __future__ import annotations

from hocba_tui.flow.desk import Desk
from hocba_tui.telex.word import Method

_TYPING = "habit/typing"


def typing_method(desk: Desk) -> Method:
    """Return how the actor last chose to type Vietnamese; OFF for who never chose."""
    kept = desk.store.drafts(desk.actor.key).get(_TYPING, "")
    return Method(kept) if kept in list(Method) else Method.OFF


def keep_typing_method(desk: Desk, method: Method) -> None:
    """Remember how the actor types Vietnamese; NotSaved when the disk refuses."""
    desk.store.keep_draft(desk.actor.key, _TYPING, "" if method is Method.OFF else method)
