"""Edit the school's index of pupils: the class and the codes of each."""

from __future__ import annotations

from collections.abc import Mapping

from hocba_tui.flow.desk import INDEX
from hocba_tui.model.pupil import Pupil
from hocba_tui.store.backend import Edit, Value, edits_for


def index_edits(before: Mapping[str, Value], pupil: Pupil, class_key: str) -> list[Edit]:
    """Return the edits that give a pupil's document ``before`` in the index the present class and codes."""
    after: dict[str, Value] = {"class": class_key, "code": pupil.code, "personal_id": pupil.personal_id}
    after["former"] = list(pupil.former_codes)
    return edits_for(INDEX, pupil.key, before, {k: v for k, v in after.items() if v})
