"""A school's store as a whole: issued files against the journal, and a restored copy against what was sent."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson
import pytest

from hocba_tui.clock import Clock
from hocba_tui.errors import StoreUnusable
from hocba_tui.flow.desk import PACKAGES
from hocba_tui.flow.opening import open_desk
from hocba_tui.flow.portal.outbox import outbox
from hocba_tui.flow.reports.history import find_pupil, history
from hocba_tui.flow.school import store_parts
from hocba_tui.flow.school.class_check import Checked
from hocba_tui.flow.school.store_check import check_store, read_sent, take_over_sent
from hocba_tui.store.backend import OUTBOX, Edit
from hocba_tui.store.backups.backup import write_backup
from hocba_tui.store.backups.restore import restore
from hocba_tui.store.checking import Flaw, Proof
from hocba_tui.store.folder import FolderStore
from hocba_tui.store.rebuild import rebuild
from tests.support.activity import activity_files, noted
from tests.support.stores import damage_line, facts


def flaws(root: Path) -> list[Flaw]:
    return [flaw for proof in check_store(root) for flaw in proof.flaws if "đọc hoặc ghi được" not in flaw.what]


def only(root: Path) -> Flaw:
    found = flaws(root)
    assert len(found) == 1, found
    return found[0]


def an_issued_file(root: Path) -> Path:
    return min((root / "issued").glob("*.xml"))


def class_shard(root: Path) -> str:
    return f"{open_desk(root, 'vanthu').school.year}/5A"


def alter(path: Path, data: bytes) -> None:
    path.unlink()
    path.write_bytes(data)
    path.chmod(0o400)


# --- issued files ----------------------------------------------------------------------------------


def test_a_school_whose_class_is_sealed_is_whole(sealed_root: Path) -> None:
    before = facts(sealed_root)
    assert flaws(sealed_root) == []
    assert facts(sealed_root) == before
    assert len(list((sealed_root / "issued").iterdir())) == 8


def test_where_there_is_no_store_it_says_so(tmp_path: Path) -> None:
    for root in (tmp_path, tmp_path / "none"):
        with pytest.raises(StoreUnusable, match="Không thấy kho"):
            list(check_store(root))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("change", ["space", "cut", "other", "empty"])
def test_an_issued_file_that_was_altered(sealed_root: Path, change: str) -> None:
    path = an_issued_file(sealed_root)
    data = path.read_bytes()
    other = max((sealed_root / "issued").glob("*.xml")).read_bytes()
    alter(path, {"space": data + b"\n", "cut": data[:-1], "other": other, "empty": b""}[change])
    flaw = only(sealed_root)
    assert (flaw.place, flaw.lost) == (f"issued/{path.name}", True)
    assert "thay đổi" in flaw.what


def test_an_issued_file_that_is_gone_can_be_made_again(sealed_root: Path) -> None:
    path = an_issued_file(sealed_root)
    path.unlink()
    flaw = only(sealed_root)
    assert (flaw.place, flaw.lost) == (f"issued/{path.name}", False)


def test_an_issued_file_that_is_a_link_is_not_followed(sealed_root: Path, tmp_path: Path) -> None:
    path = an_issued_file(sealed_root)
    path.rename(tmp_path / "elsewhere.xml")
    path.symlink_to(tmp_path / "elsewhere.xml")
    assert {flaw.place for flaw in flaws(sealed_root) if flaw.lost} == {f"issued/{path.name}"}


def test_an_issued_file_that_no_record_names(sealed_root: Path) -> None:
    (sealed_root / "issued" / "la.xml").write_bytes(b"<HOC_BA/>")
    (sealed_root / "issued" / "la.xml").chmod(0o400)
    flaw = only(sealed_root)
    assert (flaw.place, flaw.lost) == ("issued/la.xml", False)  # No name that hocba gives: nothing is lost.
    uuid = "0b5a7c1e-3f52-4c8e-9d0e-6d2f3c1a9b77"
    (sealed_root / "issued" / "la.xml").rename(sealed_root / "issued" / f"{uuid}.xml")
    flaw = only(sealed_root)
    assert (flaw.place, flaw.lost) == (f"issued/{uuid}.xml", True)


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"{}", b"<HOC_BA", b"<HOC_BA/>", b"\xff\x00", b'{"slot":"x"}'])
def test_whatever_stands_in_the_signed_parts_the_check_goes_on(sealed_root: Path, data: bytes) -> None:
    folder = sealed_root / class_shard(sealed_root) / "frozen"
    paths = sorted(folder.iterdir())
    region = next(path for path in paths if path.read_bytes().startswith(b"<"))
    signature = next(path for path in paths if path.read_bytes().startswith(b"{"))
    alter(region, data)
    alter(signature, data)
    found = flaws(sealed_root)
    assert {flaw.place.rpartition("/")[2] for flaw in found if flaw.lost} >= {region.name, signature.name}
    assert any(flaw.place.startswith("issued/") for flaw in found)


def test_a_damaged_class_is_named_and_the_rest_is_still_proven(sealed_root: Path) -> None:
    shard = class_shard(sealed_root)
    (sealed_root / shard / "data.json").unlink()
    damage_line(sealed_root / shard / "journal.log", 1)
    path = an_issued_file(sealed_root)
    found = flaws(sealed_root)
    assert [flaw.place for flaw in found if flaw.lost] == [f"{shard}/journal.log"]
    assert f"issued/{path.name}" in [flaw.place for flaw in found]


@pytest.mark.parametrize(
    "document", [{"state": "khong-co"}, {"state": 5}, {"state": "issued"}, {"state": "issued", "uuid": 7}]
)
def test_a_record_that_makes_no_sense_does_not_end_the_check(sealed_root: Path, document: dict[str, Any]) -> None:
    shard = FolderStore(sealed_root, Clock().now).shard(class_shard(sealed_root))
    shard.change("x", "y", [Edit("records", "la", field, None, value) for field, value in document.items()])
    del shard
    assert flaws(sealed_root)


# --- what was sent ---------------------------------------------------------------------------------


def sent_line(message: str, uuids: Sequence[str]) -> bytes:
    return orjson.dumps({"at": "2026-06-12T08:00:00+07:00", "message": message, "uuids": list(uuids)}) + b"\n"


@pytest.fixture
def copied(sealed_root: Path, tmp_path: Path) -> tuple[Path, Path, str]:
    """A sealed school whose batch was sent after its last backup; the backup and the batch's message."""
    made = write_backup(sealed_root, tmp_path / "copies", Clock().now, ())
    desk = open_desk(sealed_root, "vanthu")
    batch = outbox(desk)[0]
    desk.store.note_sent(batch.message, batch.uuids)
    desk.store.shard(OUTBOX).change("vanthu", "send", [Edit(PACKAGES, batch.message, "state", "queued", "sent")])
    return sealed_root, made.path, batch.message


def test_a_store_that_knows_what_it_sent_is_whole(copied: tuple[Path, Path, str]) -> None:
    assert flaws(copied[0]) == []


def test_a_copy_older_than_what_was_sent_is_pointed_out(copied: tuple[Path, Path, str], tmp_path: Path) -> None:
    root, archive, message = copied
    restore(archive, tmp_path / "new", Clock().now)
    assert flaws(tmp_path / "new") == []  # It cannot know yet.
    assert take_over_sent(tmp_path / "new", [root / "backups" / "sent.log"])
    flaw = only(tmp_path / "new")
    assert (flaw.place, flaw.lost) == ("backups/sent.log", True)
    assert message in flaw.what
    assert "Hỏi cổng" in flaw.what
    assert (tmp_path / "new" / "backups" / "sent.log").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("state", ["unknown", "sent", "answered"])
def test_a_batch_that_the_copy_knows_as_sent_is_not_pointed_out(
    copied: tuple[Path, Path, str], tmp_path: Path, state: str
) -> None:
    root, archive, message = copied
    restore(archive, tmp_path / "new", Clock().now)
    take_over_sent(tmp_path / "new", [root / "backups" / "sent.log"])
    shard = FolderStore(tmp_path / "new", Clock().now).shard(OUTBOX)
    shard.change("vanthu", "send", [Edit(PACKAGES, message, "state", "queued", state)])
    assert flaws(tmp_path / "new") == []


def test_a_batch_that_the_copy_has_never_heard_of_is_pointed_out(sealed_root: Path) -> None:
    FolderStore(sealed_root, Clock().now).note_sent("goi-la", ["u1", "u2"])
    assert "goi-la (2 học bạ)" in only(sealed_root).what


def test_a_batch_that_was_tried_twice_is_pointed_out_once(sealed_root: Path) -> None:
    store = FolderStore(sealed_root, Clock().now)
    for _ in range(3):
        store.note_sent("goi-la", ["u1"])
    assert only(sealed_root).place == "backups/sent.log"


def test_logs_of_several_places_are_brought_together(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(sent_line("m1", ["u1"]) + sent_line("m2", ["u2"]))
    (tmp_path / "b").write_bytes(sent_line("m2", ["u2"]) + sent_line("m3", []))
    (tmp_path / "new").mkdir(mode=0o700)
    assert take_over_sent(tmp_path / "new", [tmp_path / "a", tmp_path / "none", tmp_path / "b"])
    assert [one.message for one in read_sent(tmp_path / "new" / "backups" / "sent.log")] == ["m1", "m2", "m3"]


def test_no_log_at_all_is_said(tmp_path: Path) -> None:
    (tmp_path / "new").mkdir(mode=0o700)
    assert not take_over_sent(tmp_path / "new", [tmp_path / "none"])
    assert not (tmp_path / "new" / "backups" / "sent.log").exists()


@pytest.mark.parametrize(
    "bad",
    [b"", b"{", b"[]", b"5", b"null", b'"x"', b"\xff", b'{"at":1}', b'{"at":1,"message":2,"uuids":5}', b"\0" * 40],
)
def test_a_bad_line_of_the_log_hides_no_good_one(tmp_path: Path, bad: bytes) -> None:
    good = sent_line("m1", ["u1"])
    (tmp_path / "sent.log").write_bytes(good + bad + b"\n" + sent_line("m2", []) + good[:20])
    assert [one.message for one in read_sent(tmp_path / "sent.log")] == ["m1", "m2"]


def test_a_log_that_is_a_link_or_a_folder_is_none(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(sent_line("m1", ["u1"]))
    (tmp_path / "link").symlink_to(tmp_path / "a")
    assert read_sent(tmp_path / "link") == ()
    assert read_sent(tmp_path) == ()


# --- the whole school comes back -------------------------------------------------------------------


def test_a_sealed_school_comes_back_byte_for_byte(sealed_root: Path, tmp_path: Path) -> None:
    made = write_backup(sealed_root, tmp_path / "copies", Clock().now, ())
    restore(made.path, tmp_path / "new", Clock().now)
    assert flaws(tmp_path / "new") == []
    for path in (sealed_root / "issued").iterdir():
        assert (tmp_path / "new" / "issued" / path.name).read_bytes() == path.read_bytes()
    assert outbox(open_desk(tmp_path / "new", "vanthu")) == outbox(open_desk(sealed_root, "vanthu"))
    assert (tmp_path / "new" / "trust").is_dir()


def test_a_damaged_class_is_rebuilt_with_all_its_records(sealed_root: Path) -> None:
    shard = class_shard(sealed_root)
    FolderStore(sealed_root, Clock().now).shard(shard).checkpoint()
    damage_line(sealed_root / shard / "journal.log", 2)
    rebuild(sealed_root, shard, Clock().now, accept_loss=True)
    assert [flaw for flaw in flaws(sealed_root) if flaw.lost] == []
    assert len(open_desk(sealed_root, "vanthu").records("5A")) == 8


# --- looking back ----------------------------------------------------------------------------------


def test_the_history_of_a_pupil_is_told_in_order_and_the_look_is_noted(sealed_root: Path) -> None:
    desk = open_desk(sealed_root, "gv.5a")
    pupil = desk.pupils("5A")[0]
    told = list(history(desk, "5A", pupil.key))
    assert [line.seq for line in told] == sorted(line.seq for line in told)
    assert {line.who for line in told} >= {"gv.5a", "hieutruong", "vanthu"}
    cell = next(line.field for line in told if line.table == "results")
    assert {line.field for line in history(desk, "5A", pupil.key, cell)} == {cell}
    looks = [(look.by, look.touched[:2]) for look in noted(sealed_root, "history")]
    assert looks == [("gv.5a", ("5A", pupil.key))] * 2
    assert not any(pupil.name.encode() in path.read_bytes() for path in activity_files(sealed_root))


def test_a_pupil_is_found_by_code_key_or_part_of_the_name(sealed_root: Path) -> None:
    desk = open_desk(sealed_root, "gv.5a")
    for pupil in desk.pupils("5A"):
        assert find_pupil(desk, "5A", pupil.key) == pupil
        assert find_pupil(desk, "5A", pupil.code) == pupil


def test_a_copy_of_the_folder_is_a_whole_store_too(sealed_root: Path, tmp_path: Path) -> None:
    shutil.copytree(sealed_root, tmp_path / "copy")
    assert flaws(tmp_path / "copy") == []


# --- folders that were put back from elsewhere -----------------------------------------------------


def test_two_class_folders_that_were_exchanged_are_named(sealed_root: Path) -> None:
    shard = class_shard(sealed_root)
    year = sealed_root / shard.partition("/")[0]
    for source, target in (("5A", "tmp"), ("4A", "5A"), ("tmp", "4A")):
        (year / source).rename(year / target)
    told = {flaw.place: flaw.what for flaw in flaws(sealed_root) if flaw.lost}
    assert "là lớp 4A" in told[f"{year.name}/5A/journal.log"]
    assert "là lớp 5A" in told[f"{year.name}/4A/journal.log"]


def test_a_class_folder_laid_over_another_one_is_named(sealed_root: Path) -> None:
    year = sealed_root / class_shard(sealed_root).partition("/")[0]
    shutil.rmtree(year / "3A")
    shutil.copytree(year / "4A", year / "3A", copy_function=shutil.copy2)
    assert [flaw.place for flaw in flaws(sealed_root) if flaw.lost] == [f"{year.name}/3A/journal.log"]


def test_a_pupil_who_moved_while_the_check_goes_on_is_no_flaw(
    sealed_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The school was read before the move and the class after it."""
    year = class_shard(sealed_root).partition("/")[0]
    store = FolderStore(sealed_root, Clock().now)
    pupils = list(store.shard(f"{year}/4A").table("pupils"))
    real = store_parts.belonging
    stale = Proof("school")

    def belongs(school: Proof, checked: Checked) -> str:
        if school is not stale and checked.name == f"{year}/4A" and not stale.entries:
            stale.entries = 1
            stale.tables.apply(Edit("index", key, "class", None, "3A") for key in pupils)
            stale.tables.apply([Edit("school", "school", "year", None, year)])
            return real(stale, checked)
        return real(school, checked)

    monkeypatch.setattr(store_parts, "belonging", belongs)
    assert [flaw for flaw in flaws(sealed_root) if flaw.lost] == []
    assert stale.entries


def test_issued_files_without_the_class_that_issued_them_are_named(
    sealed_root: Path, made_store: Path, tmp_path: Path
) -> None:
    """The folder ``issued`` was put back, the classes are those of before."""
    root = tmp_path / "before"
    shutil.copytree(made_store, root, copy_function=shutil.copy2)
    shutil.copytree(sealed_root / "issued", root / "issued", dirs_exist_ok=True, copy_function=shutil.copy2)
    lost = [flaw for flaw in flaws(root) if flaw.lost]
    assert len(lost) == len(list((sealed_root / "issued").glob("*.xml"))) > 0
    assert all("không học bạ nào của kho nhắc tới" in flaw.what for flaw in lost)


# --- one part is older than the others -------------------------------------------------------------


def put_back(root: Path, older: Path, folder: str) -> None:
    """Put an older copy of one folder of a store in its place."""
    shutil.rmtree(root / folder, ignore_errors=True)
    if (older / folder).exists():
        shutil.copytree(older / folder, root / folder)


def test_an_older_class_beside_its_issued_files_and_packages_is_an_error(made_store: Path, sealed_root: Path) -> None:
    put_back(sealed_root, made_store, class_shard(sealed_root))
    found = [flaw for flaw in flaws(sealed_root) if flaw.lost]
    files = {f"issued/{path.name}" for path in (sealed_root / "issued").iterdir()}
    claims = {f"outbox/{path.stem}" for path in (sealed_root / "issued").iterdir()}
    assert files | claims <= {flaw.place for flaw in found}
    assert all("bản cũ hơn" in flaw.what for flaw in found if flaw.place in files | claims)


def test_a_file_that_the_history_names_is_known(sealed_root: Path) -> None:
    desk = open_desk(sealed_root, "vanthu")
    pupil, document = next(
        (key, doc) for key, doc in desk.class_shard("5A").table("records").items() if doc.get("uuid")
    )
    edits = [
        Edit("records", pupil, "uuid", document["uuid"], "u-2"),
        Edit("records", pupil, "state", "issued", "draft"),
    ]
    desk.class_shard("5A").change("hieutruong", "revoke", edits)
    assert [flaw for flaw in flaws(sealed_root) if flaw.lost] == []
