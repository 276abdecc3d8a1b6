"""The bank for one comment on one pupil."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hocba_tui.errors import Refused
from hocba_tui.flow.comments.bank import bank_of, keep
from hocba_tui.flow.comments.suggestions import BankDesk
from hocba_tui.flow.desk import Desk
from hocba_tui.flow.grades.marks import COMMENTS_SHEET, open_marks
from hocba_tui.flow.preferences import bank_use, calling, count_bank_use
from hocba_tui.model.bank import BankEntry, Calling, Scope, Shelf
from hocba_tui.model.curriculum import TRAITS, TraitGroup
from hocba_tui.model.pupil import Pupil, Sex
from hocba_tui.model.results import AWARD, COMMENT, HOMEROOM, LEVEL, Cell, Results
from hocba_tui.model.values import Period
from hocba_tui.rules.bank import fill
from tests.conftest import DeskAs

END = Period.END_YEAR
TV = Cell(END, "TV", COMMENT)


@pytest.fixture
def desk(desk_as: DeskAs) -> Desk:
    return desk_as("gv.5a")


def opened(
    desk: Desk, cell: Cell = TV, level: str = "T", comments: dict[int, str] | None = None, sheet: str = "TV"
) -> BankDesk:
    """Open the bank for the first boy of 5A; ``comments`` are what the pupils after him have there."""
    marks = open_marks(desk, "5A", sheet, Period(cell.period))
    boys = [pupil for pupil in marks.pupils if pupil.sex == Sex.MALE]
    others = [pupil for pupil in marks.pupils if pupil is not boys[0]]
    results = {boys[0].key: Results({Cell(cell.period, cell.item, LEVEL).field: level})}
    for number, text in (comments or {}).items():
        results[others[number].key] = Results({cell.field: fill(text, others[number], Calling.CON)})
    return BankDesk(desk, replace(marks, results=results), boys[0], cell)


def boy(desk: Desk) -> Pupil:
    return next(pupil for pupil in desk.pupils("5A") if pupil.sex == Sex.MALE)


def test_only_what_suits_subject_level_grade_and_period_is_offered(desk: Desk) -> None:
    found = opened(desk).found()
    assert len(found) >= 5
    for offer in found:
        assert offer.entry.item == "TV"
        assert "T" in offer.entry.levels
        assert not offer.entry.grades or 5 in offer.entry.grades
        assert not offer.entry.periods or END in offer.entry.periods


@pytest.mark.parametrize("level", ["T", "H", "C"])
def test_another_level_is_offered_other_words(desk: Desk, level: str) -> None:
    assert {offer.entry.levels for offer in opened(desk, level=level).found()} == {level}


def test_wider_scopes_offer_more(desk: Desk) -> None:
    bank = opened(desk)
    few, more, everything = (len(bank.found(scope=scope)) for scope in Scope)
    assert few < more < everything == len(bank_of(desk))


def test_a_group_is_offered_the_words_of_each_trait_at_the_pupils_level(desk: Desk) -> None:
    cell = Cell(END, TraitGroup.QUALITIES, COMMENT)
    marks = open_marks(desk, "5A", COMMENTS_SHEET.key, END)
    levels = {"YN": "T", "NA": "Đ", "CC": "C", "TT": "T", "TN": "T"}
    results = Results({Cell(END, item, LEVEL).field: level for item, level in levels.items()})
    bank = BankDesk(desk, replace(marks, results={marks.pupils[0].key: results}), marks.pupils[0], cell)
    found = {(offer.entry.item, offer.entry.levels) for offer in bank.found()}
    assert found == {*levels.items(), ("qualities", "C")}
    assert all(TRAITS[item].group is TraitGroup.QUALITIES for item in levels)


def test_places_are_filled_for_this_pupil(desk: Desk) -> None:
    pupil = boy(desk)
    name = pupil.name.split()[-1]
    texts = [offer.text for offer in opened(desk, scope_cell(), sheet=COMMENTS_SHEET.key).found(scope=Scope.ITEM)]
    assert any(text.startswith(f"{name} là cậu bé") for text in texts)
    assert not any("{" in text for text in texts)


def scope_cell() -> Cell:
    return Cell(END, HOMEROOM, COMMENT)


def test_em_or_con_is_the_teachers_choice_from_then_on(desk: Desk, desk_as: DeskAs) -> None:
    bank = opened(desk)
    assert any(offer.text.startswith("Em ") for offer in bank.found())
    bank.call(Calling.CON)
    assert any(offer.text.startswith("Con ") for offer in bank.found())
    assert not any(offer.text.startswith("Em ") for offer in bank.found())
    assert calling(desk_as("gv.5a")) is Calling.CON


def test_a_loose_search_narrows_and_a_code_comes_first(desk: Desk) -> None:
    bank = opened(desk)
    assert all("diễn cảm" in offer.text for offer in bank.found("dien cam"))
    code = bank.found()[-1].entry.code
    assert bank.found(code)[0].entry.code == code
    assert bank.found("không có lời nào như vậy") == []


def test_what_one_uses_most_comes_first_and_then_ones_own(desk: Desk) -> None:
    mine = BankEntry("tvr1", "Lời của riêng tôi.", "TV", "T")
    keep(desk, [mine], Shelf.OWN)
    bank = opened(desk)
    assert bank.found()[0].entry.code == "tvr1"
    often, once = bank.found()[3], bank.found()[5]
    bank.take(often)
    bank.take(often)
    bank.take(once)
    assert bank_use(desk) == {often.entry.code: 2, once.entry.code: 1}
    assert [offer.entry.code for offer in bank.found()[:3]] == [often.entry.code, once.entry.code, "tvr1"]


def test_the_use_of_others_changes_nothing_for_oneself(desk: Desk, desk_as: DeskAs) -> None:
    before = [offer.entry.code for offer in opened(desk).found()]
    count_bank_use(desk_as("gv.4a"), [before[-1]] * 5)
    assert [offer.entry.code for offer in opened(desk).found()] == before


def test_a_code_is_expanded_as_it_is_typed(desk: Desk) -> None:
    bank = opened(desk)
    offer = bank.by_code("TVT15")
    assert offer is not None
    assert offer.text == fill(offer.entry.text, boy(desk), Calling.EM)
    assert bank.by_code("tvt999") is None
    assert bank.by_code("") is None


def test_who_of_the_class_has_the_same_words_is_counted_whatever_their_names(desk: Desk) -> None:
    words = next(offer.entry for offer in opened(desk).found() if offer.entry.text.startswith("{ten}"))
    bank = opened(desk, comments=dict.fromkeys(range(4), words.text) | {5: "Em đọc tốt."})
    counted = {offer.entry.code: offer for offer in bank.found()}
    assert counted[words.code].others == 4
    assert counted[words.code].shared
    assert sum(offer.others for offer in counted.values()) == 4
    assert not opened(desk, comments=dict.fromkeys(range(3), words.text)).found(words.code)[0].shared


def test_variants_are_words_that_fewer_have_the_rarest_first(desk: Desk) -> None:
    first, second = (offer.entry for offer in opened(desk).found()[:2])
    bank = opened(desk, comments=dict.fromkeys(range(5), first.text) | dict.fromkeys(range(6, 8), second.text))
    offers = bank.instead_of(first)
    assert 1 <= len(offers) <= 5
    assert first.code not in {offer.entry.code for offer in offers}
    assert [offer.others for offer in offers] == sorted(offer.others for offer in offers)
    assert offers[0].others == 0
    assert {offer.entry.item for offer in offers} == {"TV"}
    assert opened(desk).instead_of(first) == []


def test_any_comment_is_compared_with_those_of_the_others(desk: Desk) -> None:
    bank = opened(desk, comments=dict.fromkeys(range(3), "{ten} viết nhanh và đẹp."))
    assert bank.others_with(f"{boy(desk).name.split()[-1]} viết nhanh và đẹp") == 3
    assert bank.others_with("Viết nhanh và đẹp") == 0
    assert bank.others_with("") == 0


def test_ones_own_words_are_kept_with_a_place_for_the_name(desk: Desk, desk_as: DeskAs) -> None:
    bank = opened(desk)
    text = bank.general(f"{boy(desk).name.split()[-1]} đọc rất hay.")
    code = bank.free_code()
    assert code == "tvtr1"
    bank.keep_own(code, text)
    assert bank.by_code(code) is not None
    assert bank.free_code() == "tvtr2"
    kept = next(entry for entry in bank_of(desk_as("gv.5a")) if entry.code == code)
    assert kept == BankEntry(code, "{ten} đọc rất hay.", "TV", "T", shelf=Shelf.OWN)


def test_a_code_of_ones_own_is_not_overwritten_in_passing(desk: Desk) -> None:
    bank = opened(desk)
    bank.keep_own("x1", "Đọc rất hay.")
    with pytest.raises(Refused, match="đang là của lời khác"):
        bank.keep_own("x1", "Viết rất đẹp.")
    with pytest.raises(Refused, match="chữ cái đứng đầu"):
        bank.keep_own("1x", "Viết rất đẹp.")
    assert bank.keep_own("tvt1", "Viết rất đẹp.").code == "tvt1"


@pytest.mark.parametrize("item", [*TraitGroup, HOMEROOM, "TV"])
def test_a_free_code_is_for_this_kind_of_comment(desk: Desk, item: str) -> None:
    bank = opened(desk, Cell(END, item, COMMENT), sheet=COMMENTS_SHEET.key if item != "TV" else "TV")
    bank.keep_own(bank.free_code(), "Lời của riêng tôi.")
    assert any(offer.text == "Lời của riêng tôi." for offer in bank.found(scope=Scope.ITEM))


def test_awards_have_no_bank() -> None:
    assert BankDesk.serves(TV)
    assert not BankDesk.serves(AWARD)
    assert not BankDesk.serves(Cell(END, "TV", LEVEL))
