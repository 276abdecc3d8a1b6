"""Who may open which screen, and to whom which of its actions is offered: one table, of which flow is the judge.

Flow asks for the permission again when something is read or done. What is here keeps people from screens and keys that
would only refuse them.
"""

from __future__ import annotations

from collections.abc import Sequence

from hocba_tui.flow.desk import Desk
from hocba_tui.rules.permits import Act

_A = Act
SCREENS: dict[str, tuple[Act, ...]] = {
    **dict.fromkeys(
        ("roster", "grid", "card", "review", "missing", "issued", "owing", "assignments"), (_A.VIEW_CLASS,)
    ),
    "submit": (_A.SUBMIT,),
    **dict.fromkeys(("approve", "approve_class"), (_A.APPROVE, _A.RETURN)),
    **dict.fromkeys(("seal", "seal_class"), (_A.ISSUE,)),
    **dict.fromkeys(("outbox", "receipts"), (_A.SEND,)),
    **dict.fromkeys(("verify", "pins"), (_A.VERIFY,)),
    "statistics": (_A.REPORT,),
    "round": (_A.OPEN_ROUND,),
    "periods": (_A.OPEN_PERIOD,),
    "settings": (_A.SET_SCHOOL,),
    **dict.fromkeys(("staff", "person"), (_A.MANAGE_STAFF,)),
}
"""The acts of which one opens a screen, in its class when it is opened for one. The others are for everybody: what they
show is one's own."""

ACTIONS: dict[str, tuple[Act, ...]] = {
    **dict.fromkeys(("assignments.edit", "assignments.several", "person.duty", "person.end_duty"), (_A.ASSIGN,)),
    "classes.excel": (_A.EXPORT,),
    **dict.fromkeys(("classes.add", "classes.change"), (_A.MANAGE_CLASSES,)),
    **dict.fromkeys(
        ("roster.edit", "roster.intake", "roster.admit", "roster.depart", "roster.come_back", "roster.change_class",
         "card.years"),
        (_A.IMPORT_PUPILS,),
    ),
    "roster.excel": (_A.EXPORT,),
    **dict.fromkeys(("doctor.backup", "doctor.check"), (_A.LOOK_AFTER,)),
    "roster.log": (_A.READ_LOG,),
    "review.submit": (_A.SUBMIT,),
    "issued.export": (_A.EXPORT,),
    **dict.fromkeys(("verdict.pin", "pins.add", "pins.remove"), (_A.PIN,)),
    "certificates.pins": (_A.VERIFY,),
}  # fmt: skip
"""The same for the actions of a screen, by their ids; the others are for whom may open the screen."""


def permitted(desk: Desk, acts: Sequence[Act], class_key: str = "") -> bool:
    """Return whether the actor may do one of ``acts`` in a class, or without one in the school or in any class."""
    school = desk.open_school()
    rooms = (school.classroom(class_key),) if class_key else (None, *school.classrooms())
    return not acts or any(school.may(act, room).allowed for act in acts for room in rooms)


def require_screen(desk: Desk, name: str, class_key: str = "") -> None:
    """Raise NotAllowed unless the actor may open a screen, Refused when there is no such class."""
    acts = SCREENS.get(name, ())
    if not permitted(desk, acts, class_key):
        desk.require(acts[0], desk.classroom(class_key) if class_key else None)
