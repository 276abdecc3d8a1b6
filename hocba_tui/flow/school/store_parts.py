"""Whether the parts of a store fit together: a part may have been put back from an older copy, or from elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

from hocba_tui.flow.desk import CLAIMS, INDEX, ISSUE_ROUNDS
from hocba_tui.flow.records.signatures import SEALED
from hocba_tui.flow.school.class_check import Checked
from hocba_tui.model.record import Record
from hocba_tui.store.backend import OUTBOX, SCHOOL
from hocba_tui.store.checking import Flaw, Proof, check_shard
from hocba_tui.store.folder import ISSUED
from hocba_tui.store.journal_file import JOURNAL

_OLDER = "lớp của em ấy đã được thay bằng một bản cũ hơn? Đưa bản mới nhất của lớp về, đừng ký lại em ấy"


def unknown(root: Path, outbox: Proof | None, named: set[str], *, damaged: bool) -> Iterator[Flaw]:
    """Yield each issued file, and each claim of a package, that no class has ever named.

    When a journal is ``damaged``, it may have named them: that damage is told already, and this is no further one.
    """
    for path in sorted((root / ISSUED).iterdir()) if (root / ISSUED).is_dir() else []:
        if path.suffix == ".xml" and path.stem not in named:
            words, lost = "không học bạ nào của kho nhắc tới", _is_uuid(path.stem) and not damaged
            yield Flaw(f"{ISSUED}/{path.name}", f"{words}: {_OLDER}" if lost else words, lost=lost)
    for uuid, claim in outbox.tables.table(CLAIMS).items() if outbox else ():
        if uuid not in named:
            words = f"gói {claim.get('batch', '')} có học bạ này mà không lớp nào nhắc tới: {_OLDER}"
            yield Flaw(f"{OUTBOX}/{uuid}", words, lost=not damaged)


def older(school: Proof, outbox: Proof | None, records: list[Record]) -> Iterator[Flaw]:
    """Yield what says that the school or the outbox is older than the classes."""
    rounds = school.tables.table(ISSUE_ROUNDS)
    unknown = sorted({record.round for record in records if record.round and record.round not in rounds})
    if unknown and not school.unread:
        words = f"sổ của trường cũ hơn các lớp: học bạ nêu đợt phát hành {', '.join(unknown)} mà trường không có"
        yield Flaw(f"{SCHOOL}/{JOURNAL}", words)
    claimed = outbox.tables.table(CLAIMS) if outbox else {}
    sent = [record for record in records if record.state in SEALED[1:] and record.uuid not in claimed]
    if sent and not (outbox and outbox.unread):
        words = f"hộp gửi cũ hơn các lớp: {len(sent)} học bạ đã gửi không nằm trong gói nào"
        yield Flaw(f"{OUTBOX}/{JOURNAL}", words)


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def exchanged(root: Path, school: Proof, checked: Checked) -> Iterator[Flaw]:
    """Yield a flaw when the folder of a class holds another class, by the school's index of pupils."""
    # People work meanwhile: what moved since the school was read is looked up again.
    belongs = belonging(school, checked)
    if belongs and belongs == belonging(check_shard(root, SCHOOL, lambda _: ""), checked):
        words = f"trong thư mục này là lớp {belongs}: hai thư mục lớp bị đổi chỗ, hoặc thư mục lớp khác chép vào đây"
        yield Flaw(f"{checked.name}/{JOURNAL}", words)


def belonging(school: Proof, checked: Checked) -> str:
    """Return the class to which most pupils of a class's journal belong, empty when it is that class itself."""
    year, _, class_key = checked.name.partition("/")
    if year != school.tables.document(SCHOOL, SCHOOL).get("year") or not class_key:
        return ""
    classes = Counter(str(school.tables.document(INDEX, key).get("class") or "") for key in checked.present)
    found, count = classes.most_common(1)[0] if classes else ("", 0)
    return found if found != class_key and 2 * count > len(checked.present) else ""
