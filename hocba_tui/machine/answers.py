"""What the person who sets a server up was asked, and where that is kept."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Self

from hocba_tui.errors import Refused, WrongUse, system_reason
from hocba_tui.machine.names import (
    require_host,
    require_login,
    require_name,
    require_outside_homes,
    require_path,
    require_recipient,
)
from hocba_tui.machine.steps import MARK

FOLDER = Path("/etc/hocba")
KEPT = FOLDER / "setup.toml"


@dataclass(frozen=True)
class Answers:
    """How one server is set up. Paths are absolute."""

    store: str = "/srv/hocba/kho"
    backups: str = "/var/backups/hocba"
    recipients: tuple[str, ...] = ()
    """Keys of the school for which backups are encrypted, besides that of the drill."""
    keeper: str = ""
    """The login of the person who looks after the computer; empty for root alone."""
    address: str = ""
    """What people type behind ``ssh …@``."""
    owner: str = "hocba"
    group: str = "hocba-gv"
    codes: bool = True
    """Whether heads, clerks and administrators type a code of their phone after the password."""
    program: str = ""
    attach: str = ""

    def require_usable(self) -> None:
        """Raise WrongUse when one of them cannot be used."""
        require_name(self.owner, "tài khoản dịch vụ")
        require_name(self.group, "nhóm")
        require_host(self.address)
        if self.keeper:
            require_login(self.keeper, "tên đăng nhập")
        for recipient in self.recipients:
            require_recipient(recipient)
        for path in (self.store, self.backups, self.program, self.attach):
            require_path(path)
            require_outside_homes(path)
        if Path(self.store).is_relative_to(self.backups):
            raise WrongUse("Kho không nằm trong thư mục sao lưu được.", "Chọn hai thư mục khác nhau.", "")

    def text(self) -> str:
        """Return the file that keeps them."""
        lines = [f"{MARK}: what was answered; change it by running: sudo hocba setup --ask"]
        for field in fields(self):
            value = getattr(self, field.name)
            lines.append(f"{field.name} = {json.dumps(value, ensure_ascii=False)}")
        return "\n".join([*lines, ""])

    @classmethod
    def read(cls, path: Path = KEPT) -> Self | None:
        """Return what was kept, None when this computer was never set up; Refused when it cannot be read."""
        try:
            held = tomllib.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise Refused(f"Không đọc được {path}: {system_reason(error)}.", safe="") from error
        except ValueError as error:
            raise Refused(f"Tệp {path} bị sửa sai dạng.", "Xóa nó rồi chạy lại: sudo hocba setup", "") from error
        return cls(**_known(cls, held))


def _known(kind: type[Answers], held: Mapping[str, Any]) -> dict[str, Any]:
    names = {field.name for field in fields(kind)}
    return {name: tuple(value) if isinstance(value, list) else value for name, value in held.items() if name in names}
