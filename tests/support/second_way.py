"""The second way in: one account of the machine for all, behind an sshd of root with PAM, in a store that has moved."""

from __future__ import annotations

from pathlib import Path

from tests.support.school_machine import SchoolMachine


class SecondWay(SchoolMachine):
    """A server whose people all log in as hocba; the user hoa owned the store before."""

    SCRIPT = Path(__file__).with_suffix(".sh")
    KEYS = ("gv.4a", "hieutruong")
    LOGIN = "hocba"
    FURTHER = "StreamLocalBindUnlink yes\n"
