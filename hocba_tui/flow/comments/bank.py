"""Keep the bank of comments: the shipped entries, those of the school, and those of each person.

The entries of the school and of each person are stored in the school's shard, so that they are durable, backed up and
in the journal like everything else. Only flow knows their owner; a person never sees the entries of another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib.resources import files

from hocba_tui.errors import NotAllowed, Refused
from hocba_tui.flow.desk import BANK, Desk, OpenSchool
from hocba_tui.model.bank import BankEntry, Shelf
from hocba_tui.model.values import Period
from hocba_tui.rules.bank import entry_problem, tidy
from hocba_tui.rules.permits import Act
from hocba_tui.store.backend import Entry, Value, edits_for

MOST = 2_000
"""Most entries of one person, and of the school: every process that opens the school holds them in memory."""


def bank_of(desk: Desk, nearest: Shelf = Shelf.OWN) -> tuple[BankEntry, ...]:
    """Return the entries that the actor may use; of several with one code, the one on the shelf nearest to the actor.

    Shelves nearer than ``nearest`` are left out.
    """
    return bank_in(desk.open_school(), nearest)


def bank_in(school: OpenSchool, nearest: Shelf = Shelf.OWN) -> tuple[BankEntry, ...]:
    """Return the entries of :func:`bank_of` in a school that is open."""
    found: dict[str, BankEntry] = {}
    for shelf in Shelf:
        found.update({entry.code: entry for entry in _on_shelf(school, shelf)})
        if shelf is nearest:
            break
    return tuple(found.values())


def on_shelf(desk: Desk, shelf: Shelf) -> tuple[BankEntry, ...]:
    """Return the entries of one shelf: the shipped ones, the school's, or the actor's own."""
    return _on_shelf(desk.open_school(), shelf)


def _on_shelf(school: OpenSchool, shelf: Shelf) -> tuple[BankEntry, ...]:
    if shelf is Shelf.SHIPPED:
        return shipped()
    prefix = _owner(school, shelf) + "/"
    return tuple(
        _entry(key.removeprefix(prefix), document, shelf)
        for key, document in school.table(BANK).items()
        if key.startswith(prefix)
    )


def keep(desk: Desk, entries: Iterable[BankEntry], shelf: Shelf, source: str = "") -> Entry | None:
    """Save ``entries`` on the actor's own shelf or the school's as one change; return None when nothing changes.

    An entry with the same code there is replaced. Refused when an entry is not valid or the shelf is full, NotAllowed
    unless the actor may change that shelf, Conflict when somebody changed one of the entries in the meantime.
    """
    school = _open_shelf(desk, shelf)
    owner, held = _owner(school, shelf), dict(school.table(BANK))
    edits = []
    codes = {key for key in held if key.startswith(f"{owner}/")}
    for entry in entries:
        kept = tidy(entry)
        if problem := entry_problem(kept):
            raise Refused(problem, "Sửa lại rồi lưu.", "Chưa lưu gì vào ngân hàng.")
        key = f"{owner}/{kept.code}"
        codes.add(key)
        edits += edits_for(BANK, key, held.get(key, {}), _document(kept))
    if len(codes) > MOST:
        raise Refused(f"Ngân hàng chỉ chứa {MOST} lời.", "Bỏ bớt những lời không dùng nữa.", "Chưa lưu gì.")
    return school.shard.change(desk.account, "keep_bank", edits, source) if edits else None


def forget(desk: Desk, code: str, shelf: Shelf) -> Entry:
    """Remove an entry from the actor's own shelf or the school's; comments that were made with it stay.

    Refused when it is not there; shipped entries cannot be removed.
    """
    school = _open_shelf(desk, shelf)
    key = f"{_owner(school, shelf)}/{code}"
    document = dict(school.document(BANK, key))
    if not document:
        raise Refused(f"Không có lời nào mã “{code[:16]}” ở đó.", "Xem mã trong ngân hàng: F8.")
    return school.shard.change(desk.account, "forget_bank", edits_for(BANK, key, document, {}))


def _owner(school: OpenSchool, shelf: Shelf) -> str:
    """Return whose the entries of a shelf are; a key of the table BANK is that, a slash and the code of the entry."""
    return school.account if shelf is Shelf.OWN else ""


def require_shelf(desk: Desk, shelf: Shelf) -> None:
    """Raise NotAllowed unless the actor may change ``shelf``."""
    _open_shelf(desk, shelf)


def _open_shelf(desk: Desk, shelf: Shelf) -> OpenSchool:
    """Open the school to change ``shelf``; errors as for :func:`require_shelf`."""
    school = desk.open_school()
    if shelf is Shelf.SHIPPED:
        raise NotAllowed("Không sửa được lời có sẵn.", "Lưu một lời riêng cùng mã: lời riêng được dùng thay.")
    if shelf is Shelf.SCHOOL:
        school.require(Act.KEEP_BANK)
    elif school.actor.barred or not school.actor.name:
        raise NotAllowed(f"Tài khoản {school.account} không giữ lời riêng được.", "Hỏi người quản lí tài khoản.")
    return school


def _entry(code: str, document: Mapping[str, Value], shelf: Shelf) -> BankEntry:
    known = set(Period)
    return BankEntry(
        code,
        document.get("text", ""),
        document.get("item", ""),
        document.get("levels", ""),
        tuple(document.get("grades", ())),
        tuple(Period(period) for period in document.get("periods", ()) if period in known),
        shelf,
    )


def _document(entry: BankEntry) -> dict[str, Value]:
    """Return the document of an entry for the store, without empty fields."""
    facts = {
        "text": entry.text,
        "item": entry.item,
        "levels": entry.levels,
        "grades": list(entry.grades),
        "periods": [period.value for period in entry.periods],
    }
    return {name: value for name, value in facts.items() if value}


@lru_cache(maxsize=1)
def shipped() -> tuple[BankEntry, ...]:
    """Return the shipped entries in the order of the file, where variants are next to each other."""
    import tomllib

    data = tomllib.loads((files("hocba_tui.flow.comments") / "bank.toml").read_text(encoding="utf-8"))
    return tuple(
        BankEntry(
            code,
            text,
            group["item"],
            group["levels"],
            tuple(group.get("grades", ())),
            tuple(Period(period) for period in group.get("periods", ())),
        )
        for group in data["group"]
        for code, text in group["comments"].items()
    )
