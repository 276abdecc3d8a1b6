"""The server of a school, as a list of steps: each is looked at, made where it is missing, and taken away again."""

from __future__ import annotations

import os
import pwd
import stat
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from hocba_tui.errors import NotAllowed, Refused
from hocba_tui.machine import codes
from hocba_tui.machine.answers import FOLDER, KEPT, Answers
from hocba_tui.machine.keepers import Keepers, reads_drop_ins, require_apart
from hocba_tui.machine.names import require_roots
from hocba_tui.machine.pam import Limit
from hocba_tui.machine.running import output, require_installed, succeeds
from hocba_tui.machine.services import Services, running
from hocba_tui.machine.sshd import drop_in
from hocba_tui.machine.steps import MARK, Folder, Group, ServiceUser, Step, StorePlace, TextFile, write_settings
from hocba_tui.machine.units import DOOR, door, jobs, logins, outside

UNITS = Path("/etc/systemd/system")
DROP_IN = Path("/etc/ssh/sshd_config.d/00-hocba.conf")
"""Its name begins with 00: for each keyword of sshd the first value counts."""
DRILL_KEY = FOLDER / "drill.key"
FINGERPRINTS = FOLDER / "van-tay.txt"
_HOST_KEYS = Path("/etc/ssh")

MakeKey = Callable[[Path], str]
"""Writes a new key that opens backups to a path, and returns the recipient that belongs to it."""


@dataclass(frozen=True)
class DrillKey:
    """The key with which the newest backup is opened every week, to prove that it can be."""

    owner: str
    make: MakeKey
    path: Path = DRILL_KEY

    @property
    def what(self) -> str:
        """Return its name for a list."""
        return f"khóa diễn tập {self.path}"

    @property
    def public(self) -> Path:
        """Return the file that says for whom backups are encrypted so that this key opens them."""
        return self.path.with_suffix(".pub")

    def missing(self) -> str:
        """Return how it differs."""
        try:
            found = self.path.lstat()
        except FileNotFoundError:
            return "tạo"
        fine = stat.S_ISREG(found.st_mode) and stat.S_IMODE(found.st_mode) == 0o400 and self.public.exists()
        return "" if fine and found.st_uid == _number(self.owner) else "giao cho tài khoản dịch vụ"

    def do(self) -> None:
        """Make it, and give it to the service's user."""
        self.path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        if not self.path.exists():
            self.make(self.path)
        write_settings(self.public, self.path.read_text(encoding="utf-8").splitlines()[0] + "\n")
        handle = os.open(self.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            os.fchown(handle, _number(self.owner), -1)
            os.fchmod(handle, 0o400)
        finally:
            os.close(handle)

    def undo(self) -> bool:
        """Leave it: it opens the backups that there are."""
        return False

    def recipient(self) -> str:
        """Return for whom a backup is encrypted so that this key opens it."""
        return self.public.read_text(encoding="utf-8").split()[-1]


@dataclass(frozen=True)
class HostKeys:
    """The keys by which sshd shows that it is this computer."""

    folder: Path = _HOST_KEYS

    @property
    def what(self) -> str:
        """Return its name for a list."""
        return f"khóa của sshd trong {self.folder}"

    def missing(self) -> str:
        """Return whether there is none."""
        return "" if self.public() else "tạo"

    def do(self) -> None:
        """Make one of each kind."""
        output("ssh-keygen", "-A")

    def undo(self) -> bool:
        """Leave them: everybody's computer knows them."""
        return False

    def public(self) -> list[Path]:
        """Return the files with their public parts."""
        return sorted(self.folder.glob("ssh_host_*_key.pub"))


def steps(answers: Answers, make_key: MakeKey) -> list[Step]:
    """Return what the server of these answers needs, in the order in which it is made.

    Raises WrongUse when an answer cannot be used, MissingTool when sshd is not installed, Refused when who looks after
    the computer would be let in to hocba alone.
    """
    answers.require_usable()
    require_installed("sshd", "openssh-server")
    require_installed("useradd", "passwd")
    require_roots(Path(answers.program))
    if answers.codes:
        codes.require_usable()
    drill = DrillKey(answers.owner, make_key)
    require_apart(answers.keeper, answers.group)

    def units() -> dict[str, str]:
        recipients = [*answers.recipients, drill.recipient()]
        return {
            DOOR: door(answers.program, answers.store, answers.owner, outside(answers.store, answers.backups)),
            **jobs(
                answers.program, answers.store, answers.owner, answers.backups, recipients, str(drill.path),
            ),
            **logins(answers.program, answers.store, str(codes.FOLDER)),
        }  # fmt: skip

    def guard_sshd() -> Callable[[], None]:
        keepers = Keepers(answers.keeper)

        def check() -> None:
            keepers.check()
            if not reads_drop_ins():
                raise Refused(
                    f"sshd không đọc {DROP_IN.parent}.",
                    "Thêm vào đầu /etc/ssh/sshd_config: Include /etc/ssh/sshd_config.d/*.conf",
                    "Chưa đổi cấu hình sshd.",
                )
            reload_sshd()

        return check

    asked = codes.GROUP if answers.codes else ""
    begun = (
        DOOR, "hocba-backup.timer", "hocba-drill.timer", "hocba-certificates.timer", "hocba-logins.path",
        "hocba-logins.timer",
    )  # fmt: skip
    names = (
        *begun, "hocba-backup.service", "hocba-drill.service", "hocba-certificates.service", "hocba-logins.service",
    )  # fmt: skip
    return [
        ServiceUser(answers.owner, Path(answers.store).parent),
        Group(answers.group),
        *([Group(codes.GROUP)] if answers.codes else []),
        Folder(codes.FOLDER, "root"),
        StorePlace(Path(answers.store), answers.owner),
        *([Folder(Path(path), answers.owner) for path in outside(answers.store, answers.backups)]),
        drill,
        *(TextFile(UNITS / name, lambda name=name: units()[name]) for name in names),  # type: ignore[misc]
        Services(begun),
        HostKeys(),
        Limit(answers.group, answers.codes),
        TextFile(DROP_IN, lambda: drop_in(answers.group, answers.attach, asked), guard_sshd),
        TextFile(FINGERPRINTS, lambda: fingerprints(answers.address)),
        TextFile(KEPT, answers.text),
    ]


def differences(answers: Answers, make_key: MakeKey) -> list[tuple[Step, str]]:
    """Return the steps that this computer still needs, each with how it differs."""
    return [(step, missing) for step in steps(answers, make_key) if (missing := step.missing())]


def remove(found: Sequence[Step]) -> list[Step]:
    """Take away what can be taken away without a loss; return those steps. Data, users and groups stay."""
    gone = [step for step in reversed(found) if step.undo()]
    if running():
        output("systemctl", "daemon-reload")
    if any(isinstance(step, TextFile) and step.path == DROP_IN for step in gone):
        reload_sshd()
    return gone


def reload_sshd() -> None:
    """Let sshd read its settings again; sessions go on. Nothing happens where systemd does not run."""
    if running():
        unit = "ssh" if succeeds("systemctl", "cat", "ssh.service") else "sshd"
        # Where a socket starts it with the first caller, there may be nothing to be told yet.
        output("systemctl", "try-reload-or-restart", unit)


def require_root() -> None:
    """Raise NotAllowed for anybody but root."""
    if os.geteuid():
        raise NotAllowed("Chỉ root cài đặt được máy chủ.", "Chạy: sudo hocba setup", "Chưa đổi gì của máy.")


def fingerprints(address: str) -> str:
    """Return the sheet that is printed and put beside each computer: by it one knows that this server answers."""
    found = [output("ssh-keygen", "-l", "-f", str(key)).split() for key in HostKeys().public()]
    lines = "\n".join(f"  {words[-1].strip('()'):8} {words[1]}" for words in found)
    return f"""\
{MARK}: in tờ này, để cạnh mỗi máy.
Vào chương trình học bạ: mở cửa sổ dòng lệnh, gõ

  ssh TÊN-CỦA-BẠN@{address}

Lần đầu, máy hỏi có tin máy chủ không và hiện một dòng SHA256:… Chỉ gõ yes khi dòng ấy có ở dưới đây;
khác thì dừng lại, báo người phụ trách máy.

{lines}
"""


def _number(user: str) -> int:
    try:
        return pwd.getpwnam(user).pw_uid
    except KeyError:
        return -1
