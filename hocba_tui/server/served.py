"""The app of a served session: it hears the listener, its person's hang-up, and how long nobody has pressed a key."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from hocba_tui import door
from hocba_tui.app import HocbaApp
from hocba_tui.clock import VIETNAM
from hocba_tui.flow.desk import Desk
from hocba_tui.screens.idling import SAVED
from hocba_tui.screens.page import Page
from hocba_tui.server.apart import give_up_network
from hocba_tui.server.attach import RESIZED
from hocba_tui.server.guests import SCREEN
from hocba_tui.server.line import Line
from hocba_tui.server.session import Seat, sit

if TYPE_CHECKING:
    from textual.css.stylesheet import Stylesheet

_ALIVE_EVERY = 6
"""After so many looks the listener is told that this session does not hang."""
PARTINGS = {
    "stop": f"hocba: Máy chủ dừng để bảo trì nên phiên này đóng lại.\n       {SAVED}\n"
    "       Đợi vài phút rồi đăng nhập lại.",
    "swap": f"hocba: Kho dữ liệu sắp được khôi phục nên phiên này đóng lại.\n       {SAVED}\n"
    "       Đợi vài phút rồi đăng nhập lại, và xem lại những gì vừa nhập.",
    "other": f"hocba: Bạn đã đóng phiên này từ một nơi khác mà bạn đăng nhập.\n       {SAVED}\n"
    "       Nếu không phải bạn làm, báo ngay người phụ trách máy.",
    "key": f"hocba: Khóa SSH của bạn vừa bị bỏ nên phiên này đóng lại.\n       {SAVED}\n"
    "       Nếu không biết vì sao, hỏi người phụ trách máy.",
    "many": "hocba: Bạn đã mở nhiều phiên cùng lúc nên phiên này đóng lại; các phiên kia vẫn mở.\n"
    "       Đóng bớt một phiên (F10) rồi đăng nhập lại.",
    "idle": f"hocba: Lâu không có phím nào được bấm nên phiên này đóng lại.\n       {SAVED}\n"
    "       Đăng nhập lại để làm tiếp.",
}
"""What is said on the terminal when a session was ended from outside."""
_FINISHING = "Phiên này đóng khi xong phần đang làm dở; phần chưa bắt đầu để làm lần sau."


def sit_served(seat: Seat, stylesheet: Stylesheet, line: Line, client: socket.socket) -> int:
    """Run a session that the listener keeps an eye on; return the exit code."""
    made: list[ServedApp] = []

    def make(desk: Desk) -> ServedApp:
        line.introduce(SCREEN, desk.account, by_key=desk.by_key)
        give_up_network(desk)
        made.append(ServedApp(desk, line, client))
        return made[0]

    code = sit(seat, stylesheet, make)
    for app in made:
        if app.parting:
            with contextlib.suppress(OSError):  # The terminal may be gone by now.
                print(app.parting, flush=True)
    return code


class ServedApp(HocbaApp):
    """The app of one person on the server."""

    CSS: ClassVar[str] = ""
    """What the rehearsal has parsed holds the rules of the ordinary app; the same under another name would have all
    style sheets parsed again in each session, which costs a megabyte."""

    def __init__(self, desk: Desk, line: Line, client: socket.socket) -> None:
        desk.tray = True
        super().__init__(desk)
        self._line = line
        self._client = client
        self._looks = 0

    def on_mount(self) -> None:
        """Begin to listen."""
        self._client.setblocking(False)
        asyncio.get_running_loop().add_reader(self._client, self._hear_client)
        self._line.follow(self._hear_listener)

    @property
    def ends_idle(self) -> bool:
        """Return whether it ends when nobody is there: on a server always, it takes memory."""
        return True

    def part(self, why: str) -> None:
        """Save, keep the place, leave, and say why."""
        if not self.parting and self._is_in_the_middle():
            self.company = self.banner = _FINISHING
        super().part(why)

    def parting_words(self, why: str) -> str:
        """Return what is said on the terminal afterwards."""
        return PARTINGS.get(why, PARTINGS["stop"])

    def hang_up(self) -> None:
        """Leave; have the listener wait longer for a record that is with the token, or a package on its way."""
        if self._is_in_the_middle():
            self._line.say("finishing")
        super().hang_up()

    def _is_in_the_middle(self) -> bool:
        return any(isinstance(screen, Page) and screen.in_the_middle for screen in self.screen_stack)

    def others_told_to_end(self) -> bool:
        """End the other sessions of this person; return whether there are any."""
        if self.company:
            self._line.say("end_others")
        return bool(self.company)

    def _hear_client(self) -> None:
        """Take what the attach program says: another size of the terminal, or its end."""
        try:
            said = self._client.recv(64)
        except BlockingIOError:
            return
        except OSError:
            said = b""
        if not said:
            asyncio.get_running_loop().remove_reader(self._client)
            self.hang_up()
        elif said == RESIZED:
            signal.raise_signal(signal.SIGWINCH)

    def _hear_listener(self, message: door.Message) -> None:
        if message.get("say") == "end":
            self.part(str(message.get("why")))
        elif message.get("say") == "company":
            others = message.get("others")
            since = [moment for moment in others if isinstance(moment, int | float)] if isinstance(others, list) else []
            self.company = self.banner = company_words(since)

    def look(self) -> None:
        """Tell the listener that this session does not hang; end it when nobody has been there for long."""
        self._looks += 1
        if self._looks % _ALIVE_EVERY == 0:
            self._line.say("alive")
        super().look()


def company_words(since: list[float]) -> str:
    """Return what is said about other sessions of the same person, which began at these times (seconds since 1970)."""
    if not since:
        return ""
    times = ", ".join(f"{datetime.fromtimestamp(moment, VIETNAM):%H:%M}" for moment in sorted(since))
    return f"Bạn còn mở ở {len(since)} nơi khác (từ {times}). Ctrl+P, gõ “nơi khác” để đóng."
