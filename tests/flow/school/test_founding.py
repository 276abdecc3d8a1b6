"""A real school from nothing: a settings file, accounts, classes."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

import pytest

from hocba_tui.clock import Clock
from hocba_tui.errors import HocbaError, NotAllowed, Refused
from hocba_tui.flow.desk import CLASSES, STAFF
from hocba_tui.flow.founding.settings_file import found_from_file
from hocba_tui.flow.opening import open_desk
from hocba_tui.flow.school.accounts import save_account
from hocba_tui.flow.school.classes import save_class
from hocba_tui.flow.school.confirming import confirm
from hocba_tui.flow.school.settings import change_settings
from hocba_tui.model.school import Staff
from hocba_tui.model.values import Role
from hocba_tui.store.backend import SCHOOL
from hocba_tui.store.folder import FolderStore
from tests.conftest import DeskAs

SAMPLE = files("hocba_tui.cli.school").joinpath("sample_school.toml").read_text(encoding="utf-8")


def write(folder: Path, text: str) -> Path:
    path = folder / "truong.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_sample_file_founds_a_school(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "store"
    school = found_from_file(write(tmp_path, SAMPLE), root)
    assert (school.year, school.deadline_completed, school.training) == ("2025-2026", "2026-06-25", False)
    monkeypatch.setattr("pwd.getpwuid", lambda _: type("User", (), {"pw_name": "quantri"})())
    desk = open_desk(root)
    assert desk.actor.key == "quantri"
    assert desk.actor.has(Role.ADMINISTRATOR)
    assert {person.key for person in desk.everybody()} == {"hieutruong", "vanthu", "quantri"}


@pytest.mark.parametrize(("typed", "allowed"), [('"có"', True), ("true", True), ('"không"', False), ("false", False)])
def test_the_file_may_let_heads_in_by_a_key_where_they_have_no_other_way(
    tmp_path: Path, typed: str, *, allowed: bool
) -> None:
    text = SAMPLE.replace("[school]", f"[school]\ntrusted_by_key = {typed}")
    assert found_from_file(write(tmp_path, text), tmp_path / "store").trusted_by_key is allowed


def test_no_account_that_is_shipped_is_both_teacher_and_administrator(tmp_path: Path, desk_as: DeskAs) -> None:
    found_from_file(write(tmp_path, SAMPLE), tmp_path / "new")
    people = FolderStore(tmp_path / "new", Clock().now).shard(SCHOOL).table(STAFF)
    shipped = [*desk_as("admin").everybody(), *(Staff.from_fields(key, held) for key, held in people.items())]
    assert len(shipped) > 10
    for person in shipped:
        assert not (person.has(Role.ADMINISTRATOR) and len(person.roles) > 1), person.key


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('name = "Trường Tiểu học Mẫu"', ""),
        ('year = "2025-2026"', 'year = "2025-2027"'),
        ('"25/06/2026"', '"31/06/2026"'),
        ("[school]", "[school"),
        ("[school]", "[truong]"),
        ('roles = ["clerk"]', 'roles = ["boss"]'),
        ('personal_id = "037175000001"', 'personal_id = "37175000001"'),
        ("[accounts.vanthu]", '[accounts."Văn thư"]'),
        ('department_code = "37"', 'department_code = "370"'),
        ('province = "Tỉnh Ninh Bình"', 'tinh = "Ninh Bình"'),
    ],
)
def test_a_file_with_a_fault_founds_nothing(tmp_path: Path, old: str, new: str) -> None:
    assert old in SAMPLE
    with pytest.raises(Refused):
        found_from_file(write(tmp_path, SAMPLE.replace(old, new)), tmp_path / "store")
    assert not (tmp_path / "store").exists()


def test_two_accounts_with_one_login_could_both_not_enter_and_are_not_founded(tmp_path: Path) -> None:
    shared = re.sub("system_user = .*", 'system_user = "hoa"', SAMPLE)
    with pytest.raises(Refused, match="Tên đăng nhập hoa gắn với"):
        found_from_file(write(tmp_path, shared), tmp_path / "store")
    assert not (tmp_path / "store").exists()


def test_a_school_that_nobody_can_manage_is_not_founded(tmp_path: Path) -> None:
    alone = SAMPLE[: SAMPLE.index("[accounts.hieutruong]")] + '[accounts.gv]\nname = "A"\nroles = ["teacher"]\n'
    with pytest.raises(Refused, match="quản lí"):
        found_from_file(write(tmp_path, alone), tmp_path / "store")


def test_a_store_is_never_founded_over_another(tmp_path: Path, store_root: Path) -> None:
    with pytest.raises(HocbaError):
        found_from_file(write(tmp_path, SAMPLE), store_root)
    assert open_desk(store_root, "admin").school.name == "Trường Tiểu học Liễu Đề"


# --- settings ------------------------------------------------------------------------------------


def test_a_new_code_keeps_the_former_one(desk_as: DeskAs) -> None:
    change_settings(desk_as("hieutruong"), {"code": "37001002", "address": " Xóm  1 "})
    school = desk_as("hieutruong").school
    assert (school.code, school.former_codes, school.address) == ("37001002", ("99000999",), "Xóm 1")
    change_settings(desk_as("hieutruong"), {"code": "37001003"})
    assert desk_as("hieutruong").school.former_codes == ("99000999", "37001002")


@pytest.mark.parametrize(
    "typed",
    [
        {"name": " "},
        {"training": "0"},
        {"year": "2026-2027"},
        {"code": "1" * 21},
        {"code": "../../x"},
        {"code": "."},
        {"code": "37/1"},
    ],
    ids=str,
)
def test_settings_that_cannot_be_are_refused(desk_as: DeskAs, typed: dict[str, str]) -> None:
    before = desk_as("admin").school
    with pytest.raises(Refused):
        change_settings(desk_as("admin"), typed)
    assert desk_as("admin").school == before


def test_a_teacher_changes_no_settings(desk_as: DeskAs) -> None:
    with pytest.raises(NotAllowed):
        change_settings(desk_as("gv.5a"), {"address": "x"})


# --- accounts ------------------------------------------------------------------------------------


def test_an_account_is_made_and_changed_field_by_field(desk_as: DeskAs) -> None:
    admin = desk_as("admin")
    save_account(admin, "gv.moi", {"name": "Phạm Thị  Hoa", "roles": ["teacher"], "system_user": "hoa"})
    save_account(admin, "gv.moi", {"title": "Giáo viên"})
    found = desk_as("admin").staff("gv.moi")
    assert (found.name, found.title, found.roles, found.system_user) == (
        "Phạm Thị Hoa",
        "Giáo viên",
        ("teacher",),
        "hoa",
    )


@pytest.mark.parametrize(
    ("key", "typed"),
    [
        ("admin", {"roles": ["administrator", "principal"]}),
        ("gv.moi", {"roles": ["teacher"]}),
        ("gv.5a", {"roles": ["king"]}),
        ("gv.5a", {"personal_id": "12"}),
        ("Gv Mới", {"name": "A"}),
        ("../x", {"name": "A"}),
        ("gv.5a", {"certificate": "00"}),
    ],
    ids=str,
)
def test_accounts_that_cannot_be_are_refused(desk_as: DeskAs, key: str, typed: dict[str, object]) -> None:
    before = dict(desk_as("admin").school_shard.table(STAFF))
    with pytest.raises(Refused):
        save_account(desk_as("admin"), key, typed)
    assert desk_as("admin").school_shard.table(STAFF) == before


def test_one_login_belongs_to_one_account(desk_as: DeskAs) -> None:
    save_account(desk_as("admin"), "gv.5a", {"system_user": "hoa"})
    with pytest.raises(Refused):
        save_account(desk_as("admin"), "gv.4a", {"system_user": "hoa"})


def test_the_last_one_who_can_manage_stays(desk_as: DeskAs) -> None:
    save_account(desk_as("admin"), "hieutruong", {"roles": []})
    confirm(desk_as("phohieutruong"), "hieutruong")
    with pytest.raises(Refused):
        save_account(desk_as("phohieutruong"), "admin", {"roles": ["teacher"]})


# --- classes -------------------------------------------------------------------------------------


def test_a_class_is_made_with_what_it_studies(desk_as: DeskAs) -> None:
    save_class(desk_as("vanthu"), "1Z", {"grade": 1, "optional": ["nn1"], "code": "L0199"})
    save_class(desk_as("vanthu"), "1Z", {"combined": [3]})
    room = desk_as("vanthu").classroom("1Z")
    assert (room.grades, room.optional, room.code) == ((1, 3), ("NN1",), "L0199")
    assert desk_as("vanthu").pupils("1Z") == ()


@pytest.mark.parametrize(
    ("key", "typed"),
    [
        ("1Z", {}),
        ("1Z", {"grade": 6}),
        ("1Z", {"grade": 1, "combined": [1]}),
        ("1Z", {"grade": 1, "optional": ["TOAN"]}),
        ("1Z", {"grade": 1, "tested": ["XX"]}),
        ("../../etc", {"grade": 1}),
        ("L" * 11, {"grade": 1}),
        (" 1Z", {"grade": 1}),
        ("5A", {"grade": 4}),
    ],
    ids=str,
)
def test_classes_that_cannot_be_are_refused(desk_as: DeskAs, key: str, typed: dict[str, object]) -> None:
    before = dict(desk_as("vanthu").school_shard.table(CLASSES))
    with pytest.raises(Refused):
        save_class(desk_as("vanthu"), key, typed)
    assert desk_as("vanthu").school_shard.table(CLASSES) == before


def test_a_subject_with_results_is_dropped_by_a_head_with_a_reason_only(desk_as: DeskAs) -> None:
    typed: dict[str, object] = {"optional": []}
    assert desk_as("admin").classroom("1A").optional == ("NN1",)
    for account in ("vanthu", "admin"):
        with pytest.raises(NotAllowed):
            save_class(desk_as(account), "1A", typed, "không học nữa")
    with pytest.raises(Refused, match="lí do"):
        save_class(desk_as("hieutruong"), "1A", typed, "  ")
    assert desk_as("admin").classroom("1A").optional == ("NN1",)
    save_class(desk_as("hieutruong"), "1A", typed, "không học nữa")
    assert desk_as("admin").classroom("1A").optional == ()
    assert next(desk_as("admin").school_shard.latest()).note == "không học nữa"


def test_a_subject_without_results_is_dropped_by_who_keeps_the_classes(desk_as: DeskAs) -> None:
    save_class(desk_as("vanthu"), "1A", {"optional": ["NN1", "TDT"]})
    save_class(desk_as("vanthu"), "1A", {"optional": ["NN1"]})
    assert desk_as("vanthu").classroom("1A").optional == ("NN1",)
