"""All of a file or nothing: what a person reads when somebody else was faster."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from hocba_tui.errors import CellConflict, Conflict
from hocba_tui.flow.desk import Desk
from hocba_tui.text import moment

AGAIN = "Xem trước lại tệp này."
_SAFE = "Chưa ghi gì đè lên."


@contextmanager
def whole_file(desk: Desk, called: Callable[[str], str]) -> Iterator[None]:
    """Raise a Conflict from within as one that says that the whole file waits.

    ``called`` maps the key of a pupil or of a member of staff to the name in the file, empty when it has none.
    """
    try:
        yield
    except CellConflict as conflict:
        who = desk.staff(conflict.who).name or conflict.who or "người khác"
        when = moment(conflict.when) if conflict.when else "vừa xong"
        what = f"{called(conflict.key) or 'Một dòng của tệp'}: {who} vừa thay đổi ({when})."
        raise Conflict(f"{what} Cả tệp chưa ghi gì.", AGAIN, _SAFE) from conflict
    except Conflict as conflict:
        raise Conflict(f"{conflict.what} Cả tệp chưa ghi gì.", AGAIN, _SAFE) from conflict
