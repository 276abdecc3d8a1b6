"""The special cases among the pupils of class 5A, as real schools have them: names, ids, arrivals, departures."""

from __future__ import annotations

from dataclasses import replace

from hocba_tui.model.pupil import Pupil, SchoolYearRow, Sex

NO_ID, NOT_ASSESSED, UNDECIDED = "CARRY-NO-ID", "CARRY-NOT-ASSESSED", "CARRY-UNDECIDED"


def apply_cases(pupils: list[Pupil]) -> tuple[list[Pupil], dict[str, str], str]:
    """Return the pupils of class 5A with its special cases.

    Also returns the pupils whose records hbs-1.0 cannot represent, each with the code of the reason, and the key
    of the pupil who has not completed the year.
    """
    p = list(pupils)
    # Twins: one birthday, the same parents, two ids.
    p[1] = replace(
        p[1], name="Trần Minh Anh", sex=Sex.FEMALE, birth="2015-03-14", personal_id="999315000001",
        father="Trần Văn Lực", mother="Phạm Thị Hạnh",
    )  # fmt: skip
    p[2] = replace(p[1], key=p[2].key, code=p[2].code, register_no=p[2].register_no, personal_id="999315000002",
                   name="Trần Minh Ánh")  # fmt: skip
    # Two pupils of one name.
    p[3] = replace(p[3], name="Nguyễn Bảo Ngọc", sex=Sex.FEMALE, birth="2015-01-09", personal_id="999315000003")
    p[4] = replace(p[4], name="Nguyễn Bảo Ngọc", sex=Sex.FEMALE, birth="2015-10-21", personal_id="999315000004")
    # H'Mông, Ê-đê and Ba-na names.
    p[5] = replace(
        p[5], name="Giàng A Páo", sex=Sex.MALE, ethnic="Mông", personal_id="999215000005", birth="2015-02-02"
    )
    p[6] = replace(
        p[6], name="H'Hen Niê", sex=Sex.FEMALE, ethnic="Ê-đê", personal_id="999315000006", birth="2015-07-17"
    )
    p[7] = replace(p[7], name="Đinh Byưk", sex=Sex.MALE, ethnic="Ba-na", personal_id="999215000007", birth="2015-12-01")
    # No personal id yet.
    p[8] = replace(p[8], personal_id="")
    # Disabled and not assessed.
    p[9] = replace(p[9], disability="Khuyết tật trí tuệ", assessed=False)
    # Exempt from physical education for health.
    p[10] = replace(p[10], exempt="GDTC", disability="Khuyết tật vận động")
    # A repeater: grade 3 twice.
    first = p[11].history[0]
    p[11] = replace(
        p[11], birth="2014-08-30", sex=Sex.MALE, personal_id="999214000011",
        history=(replace(first, year="2020-2021", arrived="2020-09-05"),
                 SchoolYearRow("2021-2022", "2A", first.school, "2021-09-05"),
                 SchoolYearRow("2022-2023", "3A", first.school, "2022-09-05"),
                 SchoolYearRow("2023-2024", "3A", first.school, "2023-09-05"),
                 *p[11].history[3:]),
    )  # fmt: skip
    # Came in March from another school.
    p[12] = replace(
        p[12], joined="2026-03-16",
        history=(*(replace(row, school="Trường Tiểu học Mẫu Hai") for row in p[12].history[:-1]),
                 replace(p[12].history[-1], arrived="2026-03-16")),
    )  # fmt: skip
    # Left in February.
    p[13] = replace(p[13], left="2026-02-09", left_reason="Chuyển đi trường khác")
    # Father unknown; raised by a guardian.
    p[14] = replace(p[14], father="", guardian=p[14].father)
    cannot = {p[8].key: NO_ID, p[9].key: NOT_ASSESSED, p[15].key: UNDECIDED}
    return p, cannot, p[15].key
