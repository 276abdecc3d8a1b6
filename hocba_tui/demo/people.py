"""Make fictitious people: names drawn from lists, ids with a province code that does not exist."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from importlib.resources import files
from random import Random
from typing import Any

from hocba_tui.model.pupil import Pupil, SchoolYearRow, Sex
from hocba_tui.model.school import School

NO_PROVINCE = "999"
"""No province has this code, so that no fictitious personal id belongs to a real person."""


def read_data(name: str) -> dict[str, Any]:
    """Return one of the data files beside this module."""
    return tomllib.loads((files("hocba_tui.demo") / name).read_text(encoding="utf-8"))


@dataclass
class Registrar:
    """Makes pupils at random; the seed of ``random`` determines all of them."""

    random: Random
    school: School
    names: dict[str, Any] = field(default_factory=lambda: read_data("names.toml"))
    count: int = 0

    def personal_id(self, sex: str, year: int) -> str:
        """Return a fictitious 12-digit id that agrees with sex and year of birth."""
        return f"{NO_PROVINCE}{'3' if sex == Sex.FEMALE else '2'}{year % 100:02d}{self.random.randrange(10**6):06d}"

    def full_name(self, who: str, family: str | None = None) -> str:
        """Return a full name; ``who`` is girls, boys, mothers or fathers."""
        pick = self.random.choice
        given = pick(self.names[f"{who}_given"])
        middle = pick([m for m in self.names[f"{who}_middle"] if given not in m.split()])
        return f"{family or self.family()} {middle} {given}"

    def family(self) -> str:
        """Return a family name at random, by the weights of the list."""
        weights: dict[str, int] = self.names["family"]
        return self.random.choices(list(weights), list(weights.values()))[0]

    def pupil(self, grade: int, class_name: str) -> Pupil:
        """Return the next pupil of a grade."""
        self.count += 1
        sex = self.random.choice((Sex.FEMALE, Sex.MALE))
        year = int(self.school.year[:4]) - 5 - grade
        family = self.family()
        hamlet = self.random.choice(self.names["hamlets"])
        place = f"{self.school.commune}, {self.school.province}"
        return Pupil(
            key=f"hs{self.count:05d}",
            code=f"99{self.count:08d}",
            name=self.full_name("girls" if sex is Sex.FEMALE else "boys", family),
            birth=f"{year}-{self.random.randint(1, 12):02d}-{self.random.randint(1, 28):02d}",
            sex=sex.value,
            personal_id=self.personal_id(sex, year),
            ethnic="Kinh",
            birthplace=self.school.province,
            hometown=place,
            address=f"{hamlet}, {place}",
            father=self.full_name("fathers", family),
            mother=self.full_name("mothers"),
            register_no=f"{year + 6}/{self.count:04d}",
            joined=f"{self.school.year[:4]}-09-05",
            history=self.history(grade, class_name),
        )

    def history(self, grade: int, class_name: str) -> tuple[SchoolYearRow, ...]:
        """Return one row for each year from grade 1 to the current class."""
        last = int(self.school.year[:4])
        letter = class_name[1:]
        return tuple(
            SchoolYearRow(f"{first}-{first + 1}", f"{past}{letter}", self.school.name, f"{first}-09-05")
            for past, first in zip(range(1, grade + 1), range(last - grade + 1, last + 1), strict=True)
        )
