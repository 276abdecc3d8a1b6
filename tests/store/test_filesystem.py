"""Where a store may be: on a disk of this computer, writable only by us, with regular files."""

from __future__ import annotations

import errno
import gc
import os
import re
import stat
from pathlib import Path
from typing import Any

import pytest

from hocba_tui.errors import HocbaError, StoreUnusable
from hocba_tui.store import filesystem
from hocba_tui.store.filesystem import filesystem_of, require_local
from hocba_tui.store.folder import FolderStore
from tests.support.stores import A, B, ends, facts, filled, journal, now, put
from tests.support.table import table

MOUNTS = r"""
22 28 0:21 / /sys rw,nosuid,nodev,noexec,relatime shared:7 - sysfs sysfs rw
28 1 253:0 / / rw,relatime shared:1 - ext4 /dev/mapper/vg-root rw,errors=remount-ro
35 28 8:1 / /boot/efi rw,relatime shared:30 - vfat /dev/sda1 rw,fmask=0077,dmask=0077
86 28 0:46 / /srv/nfs rw,relatime shared:101 - nfs4 nas:/volume1 rw,vers=4.2,rsize=1048576,addr=192.168.1.5
87 28 0:47 / /srv/old-nfs rw,relatime shared:102 master:3 - nfs nas:/volume2 rw,vers=3
88 28 0:48 / /mnt/win rw,relatime shared:103 - cifs //may-chu/hocba rw,vers=3.1.1,username=gv
89 28 0:49 / /mnt/smb3 rw,relatime shared:104 - smb3 //may-chu/hocba rw
90 28 0:50 / /srv/gv/nas rw,nosuid,nodev,relatime shared:105 - fuse.sshfs gv@nas:/ rw,user_id=1000
91 28 0:51 / /srv/gv/cloud rw,nosuid,nodev,relatime - fuse.rclone drive: rw,user_id=1000
92 28 0:52 / /mnt/host rw,relatime - 9p host0 rw,access=client,trans=virtio
93 28 0:53 / /mnt/gluster rw,relatime - fuse.glusterfs nas:/vol rw
94 28 0:54 / /mnt/ceph rw,relatime - ceph 10.0.0.1:6789:/ rw
95 28 0:55 / /mnt/ceph-fuse rw,relatime - fuse.ceph-fuse ceph-fuse rw
96 28 0:56 / /run/user/1000/gvfs rw,nosuid,nodev,relatime - fuse.gvfsd-fuse gvfsd-fuse rw
97 28 253:0 /var/hocba /srv/bind rw,relatime shared:1 - ext4 /dev/mapper/vg-root rw
98 86 253:2 / /srv/nfs/local rw,relatime shared:106 - xfs /dev/mapper/vg-data rw
99 28 0:46 /sub /srv/bind-nfs rw,relatime shared:101 - nfs4 nas:/volume1 rw
100 28 0:57 / /mnt/H\303\240\040N\341\273\231i rw - ext4 /dev/sdb1 rw
101 28 0:58 / /mnt/o\040mang\134x\011y rw - nfs4 nas:/x rw
102 28 0:59 / /mnt/usb rw - cifs //a/b rw
103 102 8:17 / /mnt/usb rw - ext4 /dev/sdc1 rw
104 28 8:18 / /mnt/thay rw - ext4 /dev/sdd1 rw
105 104 0:60 / /mnt/thay rw - nfs4 nas:/y rw
106 28 0:61 / /tmp rw - tmpfs tmpfs rw
107 28 0:62 / /mnt/btrfs rw - btrfs /dev/sde rw,subvolid=5
108 28 0:63 / /mnt/auto rw - autofs systemd-1 rw
109 28 0:64 / /mnt/zfs rw - zfs tank/hocba rw
broken line
110 28
111 28 0:65 / /mnt/half rw
"""
REMOTE = {
    "/srv/nfs/hocba": "nfs4",
    "/srv/old-nfs": "nfs",
    "/mnt/win/a/b": "cifs",
    "/mnt/smb3/x": "smb3",
    "/srv/gv/nas/x": "fuse.sshfs",
    "/srv/gv/cloud": "fuse.rclone",
    "/mnt/host/x": "9p",
    "/mnt/gluster/x": "fuse.glusterfs",
    "/mnt/ceph/x": "ceph",
    "/mnt/ceph-fuse/x": "fuse.ceph-fuse",
    "/run/user/1000/gvfs/x": "fuse.gvfsd-fuse",
    "/srv/bind-nfs/x": "nfs4",
    "/mnt/o mang\\x\ty/hocba": "nfs4",
    "/mnt/thay/x": "nfs4",
}
LOCAL = {
    "/": "ext4",
    "/srv/hocba": "ext4",
    "/srv/nfs2/x": "ext4",
    "/srv/nfs/local/x": "xfs",
    "/srv/bind/x": "ext4",
    "/mnt/Hà Nội/x": "ext4",
    "/mnt/usb/x": "ext4",
    "/tmp/x": "tmpfs",  # noqa: S108
    "/mnt/btrfs/x": "btrfs",
    "/mnt/zfs": "zfs",
    "/boot/efi": "vfat",
    "/mnt/half": "ext4",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    filled(tmp_path / "store")
    gc.collect()
    return tmp_path / "store"


def with_mounts(monkeypatch: pytest.MonkeyPatch, mounts: str) -> None:
    real = Path.read_text

    def read_text(self: Path, encoding: str | None = None, errors: str | None = None) -> str:
        return mounts if str(self) == "/proc/self/mountinfo" else real(self, encoding, errors)

    monkeypatch.setattr(Path, "read_text", read_text)


# --- network drives --------------------------------------------------------------------------------


@table(("place", "kind"), (REMOTE | LOCAL).items())
def test_the_kind_of_the_disk_is_read_from_the_kernels_list(place: str, kind: str) -> None:
    assert filesystem_of(Path(place), MOUNTS) == kind


def test_a_list_that_says_nothing_is_no_reason_to_refuse() -> None:
    for mounts in ("", "\n\n", "x - y", " - ", "1 2 3 4 5 - "):
        assert filesystem_of(Path("/srv"), mounts) == ""


def test_a_link_to_a_network_drive_is_seen_through(tmp_path: Path) -> None:
    (tmp_path / "kho").symlink_to("/srv/nfs/hocba")
    assert filesystem_of(tmp_path / "kho", MOUNTS) == "nfs4"
    assert filesystem_of(tmp_path / "kho" / ".." / "local", MOUNTS) == "xfs"


@pytest.mark.parametrize(("place", "kind"), REMOTE.items())
def test_a_network_drive_is_refused_with_the_reason(monkeypatch: pytest.MonkeyPatch, place: str, kind: str) -> None:
    with_mounts(monkeypatch, MOUNTS)
    with pytest.raises(StoreUnusable, match=re.escape(f"ổ mạng ({kind})")) as refused:
        require_local(Path(place))
    assert "hocba backup --to" in refused.value.now
    assert "chưa thay đổi gì" in refused.value.safe


@pytest.mark.parametrize("place", LOCAL)
def test_a_disk_of_this_computer_is_accepted(monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    with_mounts(monkeypatch, MOUNTS)
    require_local(Path(place))


def test_a_store_on_a_network_drive_is_neither_made_nor_opened(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_mounts(monkeypatch, f"1 1 0:1 / / rw - ext4 x rw\n2 1 0:2 / {tmp_path} rw - nfs4 nas:/ rw\n")
    (tmp_path / "new").mkdir(mode=0o700)
    before = facts(tmp_path)
    with pytest.raises(StoreUnusable, match="ổ mạng"):
        FolderStore(root, now)
    with pytest.raises(StoreUnusable, match="ổ mạng"):
        FolderStore.create(tmp_path / "new", now)
    assert facts(tmp_path) == before


def test_a_system_without_that_list_is_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(self: Path, **_: object) -> str:
        raise FileNotFoundError(errno.ENOENT, "x")

    monkeypatch.setattr(Path, "read_text", missing)
    require_local(tmp_path)


def test_here_the_kernels_list_is_understood(tmp_path: Path) -> None:
    mounts = Path("/proc/self/mountinfo").read_text(encoding="utf-8")
    assert filesystem_of(tmp_path, mounts)
    assert filesystem_of(Path("/proc/self"), mounts) == "proc"


# --- owners and modes ------------------------------------------------------------------------------


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
@pytest.mark.parametrize("what", ["", "school/journal.log", f"{B}/journal.log", "in-use.lock", B, "2025-2026"])
def test_what_belongs_to_somebody_else_is_refused(root: Path, what: str) -> None:
    os.chown(root / what, 1234, -1)
    with pytest.raises(StoreUnusable, match=r"người dùng khác|không phải tệp thường của riêng"):
        FolderStore(root, now).shard(B)


@pytest.mark.parametrize("mode", [0o770, 0o720, 0o707, 0o702, 0o1777])
def test_a_store_that_others_may_write_is_refused_and_nothing_is_touched(root: Path, mode: int) -> None:
    root.chmod(mode)
    before = facts(root)
    with pytest.raises(StoreUnusable, match="chmod 700"):
        FolderStore(root, now)
    assert facts(root) == before


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_a_journal_that_others_may_write_is_refused(root: Path, mode: int) -> None:
    journal(root, B).chmod(mode)
    with pytest.raises(StoreUnusable, match="không phải tệp thường"):
        FolderStore(root, now).shard(B)
    put(FolderStore(root, now), A, "other", 1)


@pytest.mark.parametrize("folder", [B, "2025-2026", "school"])
def test_a_folder_of_a_shard_that_others_may_write_is_refused(root: Path, folder: str) -> None:
    root.chmod(0o755)
    (root / folder).chmod(0o777)
    with pytest.raises(StoreUnusable):
        put(FolderStore(root, now), B, "x", 1)


# --- links and other things that are not regular files ---------------------------------------------


@pytest.mark.parametrize("folder", [B, "2025-2026", "school", "issued"])
def test_a_folder_that_is_a_link_is_not_followed(root: Path, tmp_path: Path, folder: str) -> None:
    (root / folder).rename(tmp_path / "elsewhere")
    (root / folder).symlink_to(tmp_path / "elsewhere")
    before = facts(tmp_path / "elsewhere")
    with pytest.raises(HocbaError):
        write(root)
    assert facts(tmp_path / "elsewhere") == before


@pytest.mark.parametrize("kind", ["link", "dangling", "pipe", "folder", "device"])
@pytest.mark.parametrize("file", ["journal.log", "sync.lock"])
def test_a_journal_that_is_no_plain_file_is_refused(root: Path, tmp_path: Path, file: str, kind: str) -> None:
    path = root / B / file
    path.rename(tmp_path / "elsewhere")
    outside = (tmp_path / "elsewhere").read_bytes()
    lay(path, tmp_path / "elsewhere", kind)
    with pytest.raises(StoreUnusable):
        ends(lambda: FolderStore(root, now).shard(B))
    assert (tmp_path / "elsewhere").read_bytes() == outside
    assert not (tmp_path / "none").exists()
    put(FolderStore(root, now), A, "other", 1)


@pytest.mark.parametrize("kind", ["link", "dangling", "pipe", "folder"])
def test_a_checkpoint_that_is_no_plain_file_is_not_read(root: Path, tmp_path: Path, kind: str) -> None:
    path = root / B / "data.json"
    path.rename(tmp_path / "elsewhere")
    lay(path, tmp_path / "elsewhere", kind)
    shard = ends(lambda: FolderStore(root, now).shard(B))
    assert shard.document("results", "hs1")["f3"] == 3


@pytest.mark.parametrize("kind", ["link", "dangling", "folder"])
@pytest.mark.parametrize("file", ["intents.lock", "access.log", "in-use.lock", "activity/2026/journal.log"])
def test_other_files_that_are_no_plain_files_stop_what_needs_them(
    root: Path, tmp_path: Path, file: str, kind: str
) -> None:
    (root / file).unlink(missing_ok=True)
    lay(root / file, tmp_path / "elsewhere", kind)
    (tmp_path / "elsewhere").write_bytes(b"khac")
    try:
        store = FolderStore(root, now)
        store.log_access("gv", "view", "5A")
        store.across("gv", "both", {})
    except HocbaError:
        pass
    assert (tmp_path / "elsewhere").read_bytes() == b"khac"
    assert not (tmp_path / "none").exists()


def write(root: Path) -> None:
    store = FolderStore(root, now)
    store.issue("u9", b"x")
    put(store, B, "x", 1)


def lay(path: Path, target: Path, kind: str) -> None:
    if kind == "link":
        path.symlink_to(target)
    elif kind == "dangling":
        path.symlink_to(target.with_name("none"))
    elif kind == "pipe":
        os.mkfifo(path, 0o600)
    elif kind == "device":
        if os.geteuid() != 0:
            pytest.skip("only root makes devices")
        os.mknod(path, 0o600 | stat.S_IFCHR, os.makedev(1, 3))
    else:
        path.mkdir(mode=0o700)


def test_a_journal_that_cannot_be_read_is_refused(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, real = FolderStore(root, now), os.open

    def forbidden(path: object, *rest: Any, **named: Any) -> int:
        """As the system does for everybody but root."""
        if path == journal(root, B):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return real(path, *rest, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "open", forbidden)
    with pytest.raises(StoreUnusable, match="không có quyền"):
        store.shard(B)


def test_the_list_of_network_drives_is_matched_from_the_start() -> None:
    for kind in ("ext4", "xfs", "btrfs", "autofs", "fuse", "fuseblk", "overlay", "zfs", "f2fs", "nilfs2"):
        assert not filesystem._REMOTE.match(kind), kind
