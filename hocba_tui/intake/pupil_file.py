"""Read a list of pupils of either kind; its headers tell which."""

from __future__ import annotations

from hocba_tui.errors import Refused
from hocba_tui.intake.first_grade import new_pupils_of, tables_of
from hocba_tui.intake.pupil_list import PupilList, class_lists_of, interpret
from hocba_tui.intake.source import Source, read


def read_pupils(source: Source, *, accept_offers: bool = False) -> PupilList:
    """Read a class list of CSDL ngành or the school's own list of new pupils of grade 1; Refused when it is neither.

    What a cell most likely means (a lost zero, a year of two digits, text of a legacy font) is a finding
    ``IN-…-OFFER``; it becomes a fact only with ``accept_offers``.
    """
    sheets, name = read(source)
    if new := tables_of(sheets):
        if class_lists_of(sheets):
            raise Refused(
                f"{name} có trang học sinh đã có mã và trang học sinh chưa có mã.",
                "Tách thành hai tệp rồi nạp từng tệp.",
            )
        return new_pupils_of(new, name, accept_offers=accept_offers)
    return interpret(sheets, name, accept_offers=accept_offers)
