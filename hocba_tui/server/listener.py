"""The process that answers the socket: one thread, a few megabytes, and nothing of the school.

It asks the kernel who calls, hands the connection to the nursery, and keeps an eye on what was forked. Its own crash
ends nobody: sessions hold their connections themselves and introduce themselves to the listener that comes next.

``python -m hocba_tui.server.listener SETTINGS`` with :class:`~hocba_tui.server.listening.Settings` as JSON.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import select
import signal
import socket
import sys
import time

from hocba_tui import __version__, door
from hocba_tui.server.forking import Forking, Nurseries, installed_python, python_options
from hocba_tui.server.guests import SCREEN, Guest, Guests
from hocba_tui.server.listening import Loop, Settings, listen, signals

_MODULE = "hocba_tui.server.listener"
_CALLERS, _CALLERS_EACH = 64, 8
"""Connections that have not been handed over yet: in all, and of one user."""
_NURSERY_IN = 30.0
"""Seconds that a caller waits for a nursery that is being started."""
_UNHEARD = 1800.0
"""Seconds after which a session that says nothing hangs: it says every minute that it is alive."""
_DESCRIPTORS = 4096

_STOPPING = "hocba: Máy chủ đang dừng để bảo trì. Đợi vài phút rồi đăng nhập lại.\n"
_PAUSED = "hocba: Kho dữ liệu đang được khôi phục. Đợi vài phút rồi đăng nhập lại.\n"
_FULL = "hocba: Đã đủ số người máy chủ này nhận cùng lúc. Đợi vài phút rồi đăng nhập lại.\n"
_TOO_MANY = "hocba: Bạn đã mở nhiều phiên cùng lúc. Đóng bớt một phiên (F10) rồi đăng nhập lại.\n"
_NOT_READY = (
    "hocba: Máy chủ chưa mở được phiên mới. Đợi một phút rồi đăng nhập lại; vẫn thế thì báo người phụ trách máy.\n"
)


class Caller:
    """A connection that has not been handed over yet."""

    def __init__(self, client: socket.socket, uid: int, patience: float) -> None:
        client.setblocking(False)
        self.client = client
        self.uid = uid
        self.deadline = time.monotonic() + patience
        self.spoke = False


class Listener:
    """Who calls, who is in, and who gives orders."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock, self._socket = listen(settings)
        self._loop = Loop()
        self._nurseries = Nurseries(self._loop, settings.store, settings.socket)
        self._nurseries.tell = self._next_nursery
        self._callers: dict[int, Caller] = {}
        self._guests = Guests()
        self._stopping = False
        self._watchers: list[socket.socket] = []
        """Who waits for the end."""
        self._reloader: socket.socket | None = None
        self._pauser: socket.socket | None = None
        """Who needs the store alone; until it hangs up, nobody else is let in."""
        self._told_empty = False

    def run(self) -> int:
        """Serve until told to stop; return the exit code."""
        wakes = signals()
        self._loop.watch(wakes.fileno(), select.POLLIN, lambda _: self._signalled(wakes))
        self._loop.watch(self._socket.fileno(), select.POLLIN, lambda _: self._accept())
        if self._settings.nursery >= 0:
            self._nurseries.use(Forking(socket.socket(fileno=self._settings.nursery), ready=True))
        while not (self._stopping and not self._guests):
            self._look_around()
            hurries = self._callers or self._nurseries.preparing or any(guest.deadline for guest in self._guests)
            self._loop.turn(1.0 if hurries else 30.0)
        self._tell_watchers("done")
        with contextlib.suppress(OSError):
            os.unlink(self._settings.socket)
        return 0

    def _signalled(self, wakes: socket.socket) -> None:
        for number in wakes.recv(64):
            if number in (signal.SIGTERM, signal.SIGINT):
                self._stop()
            elif number == signal.SIGHUP:
                self._reload(None)

    def _look_around(self) -> None:
        """Do what time asks for."""
        now = time.monotonic()
        if not self._stopping:
            self._nurseries.keep()
        for caller in list(self._callers.values()):
            if caller.spoke:
                self._hand_over(caller)
            if now > caller.deadline and caller.client.fileno() in self._callers:
                self._turn_away(caller, _NOT_READY if caller.spoke else "")
        for guest in self._guests:
            if (guest.deadline and now > guest.deadline) or now - guest.heard > _UNHEARD:
                guest.kill()
        if self._pauser and not self._guests and not self._told_empty:
            self._told_empty = True
            _say(self._pauser, "empty")
        if self._nurseries.following and not self._callers:
            self._become_next(self._nurseries.following)

    # --- who calls -----------------------------------------------------------------------------

    def _accept(self) -> None:
        try:
            client, _ = self._socket.accept()
        except OSError:  # No descriptor is free, or who called has gone again.
            time.sleep(0.01)
            return
        _, uid = door.peer(client)
        waiting = sum(one.uid == uid for one in self._callers.values())
        if len(self._callers) >= _CALLERS or (waiting >= _CALLERS_EACH and not self._is_ours(uid)):
            client.close()
            return
        caller = Caller(client, uid, self._settings.patience)
        self._callers[client.fileno()] = caller
        self._loop.watch(client.fileno(), select.POLLIN, lambda events: self._called(caller, events))

    def _is_ours(self, uid: int) -> bool:
        """Return whether a user may order this server about: the one who owns the store, and root."""
        return uid in (os.getuid(), 0)

    def _called(self, caller: Caller, events: int) -> None:
        """Take what somebody wants who may want more than to come in; hand everybody else over."""
        if caller.spoke or not events & select.POLLIN:
            self._turn_away(caller)
            return
        try:
            asked = door.peek(caller.client) if self._is_ours(caller.uid) else {}
        except (EOFError, OSError):
            self._turn_away(caller)
            return
        except door.BadMessage:
            asked = {}  # The process that is forked for it will say so.
        if asked.get("want") in ("status", "stop", "reload", "pause", "again", "end"):
            self._drop(caller)
            self._ordered(caller.client)
            return
        caller.spoke, caller.deadline = True, time.monotonic() + _NURSERY_IN
        self._loop.watch(caller.client.fileno(), 0, lambda _: self._turn_away(caller))
        self._hand_over(caller)

    def _drop(self, caller: Caller) -> None:
        """Have no more to do with a caller's connection here."""
        self._loop.forget(caller.client.fileno())
        del self._callers[caller.client.fileno()]

    def _turn_away(self, caller: Caller, words: str = "") -> None:
        self._drop(caller)
        door.drain(caller.client)
        if words:
            with contextlib.suppress(OSError):
                caller.client.send(words.encode(), socket.MSG_NOSIGNAL)
        caller.client.close()

    def _hand_over(self, caller: Caller) -> None:
        """Have a process forked for a caller; one that cannot be had yet is asked for again."""
        if refusal := self._refusal(caller.uid):
            self._turn_away(caller, refusal)
        elif line := self._nurseries.fork(caller.uid, caller.client):
            self._drop(caller)
            self._let_in(Guest(caller.uid, line, caller.client))

    def _refusal(self, uid: int) -> str:
        if self._stopping:
            return _STOPPING
        if self._pauser:
            return _PAUSED
        if len(self._guests) >= self._settings.most:
            return _FULL
        return _TOO_MANY if not self._is_ours(uid) and self._guests.of(uid) >= self._settings.each else ""

    # --- who is in -----------------------------------------------------------------------------

    def _let_in(self, guest: Guest) -> None:
        self._guests.add(guest)
        self._loop.watch(guest.line.fileno(), select.POLLIN, lambda _: self._heard(guest))
        self._loop.watch(guest.client.fileno(), select.POLLRDHUP, lambda _: self._left(guest))

    def _left(self, guest: Guest) -> None:
        """Notice that a person has gone: the session knows, too, and gets some time."""
        self._loop.forget(guest.client.fileno())
        guest.end_within(self._settings.grace)

    def _heard(self, guest: Guest) -> None:
        try:
            message, _ = door.receive(guest.line)
            guest.heard = time.monotonic()
            what = message.get("say")
            if what == "hello":
                guest.introduce(message)
                self._guests.tell_company(guest.account)
                # All keys come as one user, who is ours: only the account tells them apart.
                if guest.by_key and len(self._guests.company_of(guest)) >= self._settings.each:
                    guest.end("many", self._settings.farewell)
            elif what == "bye":
                guest.said_bye = True
            elif what == "finishing":
                guest.let_finish(self._settings.longest)
            elif what == "end_others":
                for other in self._guests.company_of(guest):
                    other.end("other", self._settings.farewell)
        except BlockingIOError:
            return
        except (EOFError, OSError, ValueError, door.BadMessage):
            self._let_out(guest)

    def _let_out(self, guest: Guest) -> None:
        self._loop.forget(guest.line.fileno())
        self._loop.forget(guest.client.fileno())
        self._guests.remove(guest)
        guest.close()
        self._tell_watchers("left", count=len(self._guests))

    # --- orders --------------------------------------------------------------------------------

    def _ordered(self, line: socket.socket) -> None:
        """Do what the owner of the store, root or a session of ours asks for."""
        message, descriptors = door.receive(line, 1)
        want = message["want"]
        if want == "again" and descriptors:
            guest = Guest(int(str(message.get("uid"))), line, socket.socket(fileno=descriptors[0]))
            guest.introduce(message)
            self._let_in(guest)
            self._guests.tell_company(guest.account)
            return
        door.close_all(descriptors)
        if want == "status":
            self._report(line)
            line.close()
        elif want == "end":
            found = [guest for guest in self._guests if guest.by_key and guest.account == message.get("account")]
            for guest in found:
                guest.end("key", self._settings.farewell)
            _say(line, "done", count=len(found))
            line.close()
        elif want == "stop":
            self._watchers.append(line)
            self._stop()
        elif self._pauser or self._stopping or self._reloader:
            _say(line, "busy")
            line.close()
        elif want == "reload":
            self._reload(line)
        elif want == "pause":
            self._pause(line)

    def _report(self, line: socket.socket) -> None:
        """Tell who is in, a message each; what is not read at once may be missed."""
        facts = {"store": self._settings.store, "version": __version__, "pid": os.getpid()}
        _say(line, "serves", ready=self._nurseries.ready, **facts)
        for guest in self._guests:
            facts = {"account": guest.account, "kind": guest.kind or SCREEN, "began": guest.began, "pid": guest.pid}
            _say(line, "guest", **facts, key=guest.by_key)

    def _stop(self) -> None:
        if not self._stopping:
            self._stopping = True
            self._end_all("stop")
        self._tell_watchers("left", count=len(self._guests))

    def _pause(self, line: socket.socket) -> None:
        self._pauser, self._told_empty = line, False
        self._loop.watch(line.fileno(), select.POLLIN, lambda _: self._go_on(line))
        _say(line, "left", count=len(self._guests))
        self._end_all("swap")

    def _go_on(self, line: socket.socket) -> None:
        """Let people in again: who needed the store alone has hung up."""
        self._loop.forget(line.fileno())
        line.close()
        self._pauser = None

    def _end_all(self, why: str) -> None:
        for guest in self._guests:
            guest.end(why, self._settings.farewell)

    def _tell_watchers(self, what: str, **facts: object) -> None:
        for line in [*self._watchers, *([self._pauser] if self._pauser else [])]:
            _say(line, what, **facts)

    # --- a newer program -----------------------------------------------------------------------

    def _reload(self, line: socket.socket | None) -> None:
        """Prepare a nursery with the program as it is on disk now, and go on with that program once it is ready."""
        if self._nurseries.prepare_next():
            self._reloader = line
        elif line:
            _say(line, "busy")
            line.close()

    def _next_nursery(self, what: str) -> None:
        if what == "ready":
            # Nobody new until the next program listens: until then they wait in the queue of the socket.
            self._loop.forget(self._socket.fileno())
        elif self._reloader:
            _say(self._reloader, what)
            self._reloader = None

    def _become_next(self, following: Forking) -> None:
        """Replace this program by the one on disk. The sessions introduce themselves to it."""
        if self._reloader:
            _say(self._reloader, "done")
        kept = {"listening": self._socket.fileno(), "lock": self._lock, "nursery": following.line.fileno()}
        for descriptor in kept.values():
            os.set_inheritable(descriptor, True)
        settings = json.dumps({**self._settings._asdict(), **kept})
        python = installed_python()
        os.execv(python, [python, *python_options(), "-m", _MODULE, settings])


def _say(line: socket.socket, what: str, **facts: object) -> None:
    line.setblocking(False)
    with contextlib.suppress(OSError):
        door.send(line, {"say": what, **facts})


def main() -> int:
    """Serve; the last argument has the settings."""
    settings = Settings(**json.loads(sys.argv[-1]))
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, _DESCRIPTORS), most))
    try:
        listener = Listener(settings)
    except BlockingIOError:
        print("hocba: Đã có một máy chủ đang nghe ở đây.", file=sys.stderr)
        return 4
    except OSError as error:
        print(f"hocba: Không nghe được ở {settings.socket}: {error.strerror}.", file=sys.stderr)
        return 5
    return listener.run()


if __name__ == "__main__":
    sys.exit(main())
