"""Make the training school Trường Tiểu học Liễu Đề: 30 classes, 45 staff, about 1,050 pupils."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

from hocba_tui.demo.cases import apply_cases
from hocba_tui.demo.keys import Holder, make_keys, write_keys
from hocba_tui.demo.people import Registrar, read_data
from hocba_tui.demo.year import leave_unfinished, year_of
from hocba_tui.flow.school.founding import ClassYear, found_school
from hocba_tui.model.pupil import Pupil
from hocba_tui.model.school import ClassRoom, School, Staff
from hocba_tui.model.values import Period, Role
from hocba_tui.signing.training import SEAL

SHOW_CLASS = "5A"
"""The class with the special cases, in which the demo works."""
GRADES = (1, 2, 3, 4, 5)
_MOST_TOKENS = 60
"""Most homeroom teachers who get a training key in a big demo school; making a key takes a tenth of a second."""

_SUBJECT_TEACHERS = {"gv.anh": ("NN1", 3), "gv.tin": ("TIN", 2), "gv.theduc": ("GDTC", 2), "gv.nhac": ("AN", 2),
                     "gv.mythuat": ("MT", 2)}  # fmt: skip


@dataclass(frozen=True)
class DemoSchool:
    """The fictitious school, before it is written to a store."""

    school: School
    staff: tuple[Staff, ...]
    classes: tuple[ClassYear, ...]
    cannot: Mapping[str, str]
    """Pupils of 5A whose records hbs-1.0 cannot represent: key to code of the reason."""
    finished: Mapping[str, Mapping[str, Any]]
    """The values that are still missing in the results of 5A, by pupil key."""


def demo_settings(today: str = "2026-06-10") -> School:
    """Return the settings of the training school; commune, codes and district are fictitious."""
    return School(
        key="school",
        name="Trường Tiểu học Liễu Đề",
        code="99000999",
        department="Sở Giáo dục và Đào tạo Ninh Bình",
        department_code="37",
        commune="Xã Mẫu",
        district="Không còn cấp huyện",
        province="Tỉnh Ninh Bình",
        year="2025-2026",
        training=True,
        today=today,
        deadline_completed="2026-06-25",
        deadline_others="2026-08-10",
        open_periods=(Period.END_YEAR.value,),
    )


def make_school(seed: int = 2026, pupils: int = 1050, today: str = "2026-06-10") -> DemoSchool:
    """Return the demo school; the same seed and size give the same school."""
    random = Random(seed)
    school = demo_settings(today)
    registrar = Registrar(random, school)
    comments = read_data("comments.toml")
    per_grade = max(1, round(pupils / 35 / len(GRADES)))
    names = [f"{grade}{_letters(number)}" for grade in GRADES for number in range(per_grade)]
    staff = _staff(registrar, names)
    cannot: dict[str, str] = {}
    missing: dict[str, dict[str, Any]] = {}
    classes: list[ClassYear] = []
    for index, name in enumerate(names):
        classroom = _classroom(name, index)
        size = (index + 1) * pupils // len(names) - index * pupils // len(names)
        members = [registrar.pupil(classroom.grade, name) for _ in range(size)]
        struggling = ""
        if name == SHOW_CLASS and size > 16:
            members, cannot, struggling = apply_cases(members)
        results = {
            pupil.key: year_of(random, pupil, classroom, comments, pupil.key == struggling)
            for pupil in members
            if pupil.assessed
        }
        for pupil in members:
            if pupil.left:
                results[pupil.key] = {k: v for k, v in results[pupil.key].items() if k.startswith(("mid_1", "end_1"))}
        if index % 2 == 0 or name == SHOW_CLASS:
            whole = {key: dict(fields) for key, fields in results.items()}
            leave_unfinished(random, results)
            if name == SHOW_CLASS:
                missing = {k: {f: v for f, v in whole[k].items() if f not in results[k]} for k in whole}
        classes.append(ClassYear(classroom, tuple(members), results))
    return DemoSchool(school, staff, tuple(classes), cannot, {k: v for k, v in missing.items() if v})


def found_demo(root: Path, demo: DemoSchool, module: Path | None, identity: str = "") -> None:
    """Write the demo school into a new store at ``root``, with a training key for each person who signs.

    ``module`` is SoftHSM2's PKCS#11 module; without it the keys are PKCS#12 files. ``identity``: see
    :meth:`hocba_tui.store.folder.FolderStore.create`.
    """
    signers = [person for person in demo.staff if person.key in _who_signs(demo)]
    keys = make_keys(
        [
            Holder(SEAL, demo.school.name, demo.school.department),
            *(Holder(p.key, p.name, demo.school.name, p.personal_id) for p in signers),
        ]
    )
    school = replace(demo.school, seal_certificate=keys.fingerprint(SEAL), seal_until=keys.until(SEAL))
    staff = [
        replace(person, certificate=keys.fingerprint(person.key), certificate_until=keys.until(person.key))
        for person in demo.staff
    ]
    found_school(root, school, staff, demo.classes, identity)
    write_keys(root, keys, module, demo.school.code)


def _who_signs(demo: DemoSchool) -> frozenset[str]:
    years = demo.classes[-_MOST_TOKENS:]
    return frozenset({"hieutruong", "phohieutruong", *(year.classroom.homeroom for year in years)})


def pupils_of(demo: DemoSchool, class_key: str) -> tuple[Pupil, ...]:
    """Return the pupils of one class of the demo school."""
    return next(year.pupils for year in demo.classes if year.classroom.key == class_key)


def _letters(number: int) -> str:
    return chr(ord("A") + number) if number < 26 else f"A{number - 25}"


def _classroom(name: str, index: int) -> ClassRoom:
    grade = int(name[0])
    teachers = {}
    for account, (subject, count) in _SUBJECT_TEACHERS.items():
        number = index % count
        teachers[subject] = account if number == 0 else f"{account}{number + 1}"
    return ClassRoom(
        key=name,
        grade=grade,
        code=f"99L{index + 1:03d}",
        homeroom=homeroom_account(name),
        teachers=teachers,
        optional=("NN1",) if grade <= 2 and index % 2 == 0 else (),
    )


def homeroom_account(class_name: str) -> str:
    """Return the account of a class's homeroom teacher."""
    return f"gv.{class_name.lower()}"


def _staff(registrar: Registrar, class_names: list[str]) -> tuple[Staff, ...]:
    named = list(registrar.names["staff"])
    accounts: list[tuple[str, str, Role]] = [
        ("hieutruong", "Hiệu trưởng", Role.PRINCIPAL),
        ("phohieutruong", "Phó hiệu trưởng", Role.DEPUTY),
        ("vanthu", "Văn thư", Role.CLERK),
        ("admin", "Nhân viên công nghệ thông tin", Role.ADMINISTRATOR),
    ]
    for account, (_, count) in _SUBJECT_TEACHERS.items():
        accounts += [(account if n == 0 else f"{account}{n + 1}", "Giáo viên", Role.TEACHER) for n in range(count)]
    accounts += [(homeroom_account(name), "Giáo viên", Role.TEACHER) for name in class_names]
    people = []
    for number, (account, title, role) in enumerate(accounts):
        if number < len(named):
            name, sex = named[number]["name"], named[number]["sex"]
        else:
            name, sex = registrar.full_name("mothers"), "female"
        birth_year = 1975 + number % 20
        identity = registrar.personal_id(sex, birth_year)
        identity = identity[:3] + ("1" if sex == "female" else "0") + identity[4:]
        person = Staff(account, name, sex, identity, title, (role.value,))
        people.append(person)
    return tuple(people)
