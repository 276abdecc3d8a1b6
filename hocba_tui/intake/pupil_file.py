"""A file of pupils, whichever of the two kinds it is: its headers say."""

from __future__ import annotations

from pathlib import Path

from hocba_tui.intake.first_grade import new_pupils_of, tables_of
from hocba_tui.intake.pupil_list import PupilList, file_name, interpret
from hocba_tui.intake.source import read_file


def read_pupils(path: Path, *, accept_offers: bool = False) -> PupilList:
    """Read a class list of CSDL ngành or the school's own list of new pupils of grade 1; Refused when it is none.

    ``accept_offers``: see :func:`~hocba_tui.intake.pupil_list.read_pupil_list`.
    """
    sheets, source = read_file(path), file_name(path)
    if new := tables_of(sheets):
        return new_pupils_of(new, source, accept_offers=accept_offers)
    return interpret(sheets, source, accept_offers=accept_offers)
