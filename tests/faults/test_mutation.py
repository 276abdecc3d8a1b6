"""The mutants still match the source, and breaking one rule is noticed; all of them run in ``make prove``."""

from __future__ import annotations

from tests.faults.mutants import MUTANTS, Mutant
from tests.faults.mutation import ROOT, place_of, survives
from tests.support.table import table


@table("mutant", MUTANTS)
def test_every_mutant_changes_one_place_and_names_tests_that_exist(mutant: Mutant) -> None:
    _, found = place_of(mutant)
    assert found == 1
    assert mutant.old != mutant.new
    assert all((ROOT / test).is_file() for test in mutant.tests)


def test_a_broken_rule_is_noticed() -> None:
    (mutant,) = (mutant for mutant in MUTANTS if mutant.rule == "what was seen is compared")
    assert not survives(mutant)
