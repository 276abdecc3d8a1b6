"""The first way in: an account of the machine for each teacher, behind an sshd with PAM of its own."""

from __future__ import annotations

from pathlib import Path

from tests.support.school_machine import SchoolMachine

PASSWORD = "hoa-phuong-2026"


class FirstWay(SchoolMachine):
    """A server with the accounts gv.hoa and gv.la, who have a key, and gv.lan, who has a password."""

    SCRIPT = Path(__file__).with_suffix(".sh")
    KEYS = ("gv.hoa", "gv.la")
    FURTHER = "PasswordAuthentication no\n"
    VARIABLES = {"PASSWORD": PASSWORD}

    def group(self, user: str) -> str:
        """Return the group of a user: teachers have one together."""
        return user if user in ("hocba", "root") else "hocba-gv"
