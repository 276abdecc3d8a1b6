"""``python -m tests.server.roots [SUITE…]``: the whole set-up in roots of Debian and Ubuntu, made from their mirrors.

In each: the one file of ``make bundle``, ``hocba setup`` twice, a school, ``hocba account apply``, the units as that
systemd reads them, sshd, the first log-in of the principal with the code of the phone, and an update while that session
is open. Where there is systemd-nspawn, ``--boot`` lets the root's own systemd run as process 1, and the units with it:
the door, root's part when the school asks for something, the backup, the drill, the look at certificates; a killed
listener, and a stop. Needs root, mmdebstrap, the mirrors, and some minutes; nothing of this computer is changed but a
folder below /var/tmp that is removed at the end, and the roots that are kept in ``--keep``.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.server.test_first_half_hour import OWN, code_now, log_in_for_the_first_time
from tests.server.test_set_up import answers, ssh_by_password
from tests.support.served import children, wait_until
from tests.support.terminal import LIMIT, Terminal

SAMPLE = Path(__file__).parents[2] / "hocba_tui" / "cli" / "school" / "sample_school.toml"

HOCBA = "/usr/local/bin/hocba"
STORE = "/srv/hocba/kho"
SCRIPT = Path(__file__).parents[1] / "support" / "root.sh"
HOME = Path(__file__).parents[2]
SAMPLE = HOME / "hocba_tui" / "cli" / "school" / "sample_school.toml"
DEBIAN, UBUNTU = "http://deb.debian.org/debian", "http://archive.ubuntu.com/ubuntu"
KEYRING = Path("/usr/share/keyrings/ubuntu-archive-keyring.gpg")
PACKAGES = (
    "openssh-server", "openssh-client", "passwd", "libpam-modules", "libpam-google-authenticator", "libqrencode4",
    "util-linux", "systemd",
)  # fmt: skip
_MOST = 600.0


@dataclass(frozen=True)
class Suite:
    """A release of a distribution, and the packages of the Python that the program runs with there."""

    name: str
    mirror: str
    python: tuple[str, ...] = ("python3", "python3-venv")

    @property
    def sources(self) -> list[str]:
        """Return the lines of apt: the release, and what was brought out for it later."""
        components = "main" if self.mirror == DEBIAN else "main universe"
        return [f"deb {self.mirror} {name} {components}" for name in (self.name, f"{self.name}-updates")]


SUITES = (
    Suite("bookworm", DEBIAN),
    Suite("trixie", DEBIAN),
    # Its own Python is 3.10.
    Suite("jammy", UBUNTU, ("python3", "python3.11", "python3.11-venv")),
    Suite("noble", UBUNTU),
)


class Root:
    """A computer of its own in an unpacked root; leaving the context ends all that was started in there."""

    def __init__(self, place: Path, bundle: Path, school: Path, *, boot: bool) -> None:
        self.booted = boot
        for file, name in ((bundle, "hocba.run"), (school, "truong.toml")):
            shutil.copy(file, place / "srv" / name)
            (place / "srv" / name).chmod(0o644)
        (place / "etc" / "machine-id").write_text("")
        plain = ["unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child", "sh", str(SCRIPT)]
        booted = ["systemd-nspawn", "--register=no", "--keep-unit", "--private-network", "-D", str(place), "-b"]
        self._process = subprocess.Popen(
            booted if boot else plain, env={**os.environ, "ROOT": str(place)}, cwd="/", stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def __enter__(self) -> Self:
        wait_until(self._is_ready, "the computer", LIMIT)
        self.must("root", "useradd", "--create-home", "quan.tri")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # With process 1 all the others are killed; systemd-nspawn alone would leave it.
        if first := self._first():
            os.kill(first, signal.SIGKILL)
        self._process.kill()
        self._process.wait()

    def _is_ready(self) -> bool:
        if not self._first():
            return False
        if not self.booted:
            return self.run("root", "test", "-e", "/run/ready").returncode == 0
        return self.run("root", "systemctl", "is-system-running").stdout.strip() in ("running", "degraded")

    def _first(self) -> int:
        """Return process 1 of that computer, as this one numbers it; 0 while there is none."""
        for pid in children(self._process.pid):
            lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
            if next(line for line in lines if line.startswith("NSpid:")).split()[-1] == "1":
                return pid
        return 0

    def inside(self, user: str, *command: str) -> list[str]:
        """Return a command that runs in there as a user of that computer."""
        change = ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups"] if user != "root" else []
        clean = ["PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8", "HOME=/", "TERM=xterm-256color"]
        spaces = ["--mount", "--pid", "--net", "--ipc", "--uts", "--cgroup"]
        return [
            str(shutil.which("nsenter")), f"--target={self._first()}", *spaces, "--", *change, "env", "-i", *clean,
            *command,
        ]  # fmt: skip

    def run(self, user: str, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command in there."""
        done = self.inside(user, *command)
        return subprocess.run(done, capture_output=True, text=True, timeout=_MOST, check=False)

    def must(self, user: str, *command: str) -> str:
        """Run a command in there that must succeed, and return what it printed."""
        done = self.run(user, *command)
        assert done.returncode == 0, f"{' '.join(command)}: {done.stdout}{done.stderr}"
        return done.stdout


def walk(root: Root) -> Iterator[str]:
    """Set a school's server up in there, log in and update; yield what was seen."""
    yield root.must("root", "sh", "/srv/hocba.run").splitlines()[0]
    yield root.must("root", "/opt/hocba/current/bin/python", "--version").strip()
    setup = (HOCBA, "setup", "--yes", "--keeper", "quan.tri", "--address", "may-chu")
    root.must("root", *setup)
    assert "không có gì phải làm" in root.must("root", *setup)
    assert "không có gì phải làm" in root.must("root", HOCBA, "setup", "--check")
    units = root.must("root", "sh", "-c", "ls /etc/systemd/system/hocba*").split()
    said = root.run("root", "systemd-analyze", "verify", *units)
    assert (said.returncode, [line for line in said.stderr.splitlines() if "hocba" in line]) == (0, []), said.stderr
    yield f"{root.must('root', 'systemctl', '--version').splitlines()[0]}: {len(units)} units read"

    for words in (("school", "found", "/srv/truong.toml"), ("account", "logins")):
        root.must("hocba", HOCBA, *words, "--store", STORE)
    root.must("root", HOCBA, "account", "apply", "--timer")
    slips = root.must("root", "sh", "-c", "cat /etc/hocba/phieu/*").split("- - -")
    password = next(part.split("Password: ")[1].split()[0] for part in slips if "ssh hieutruong@" in part)
    key = next(part.split("gõ khóa:")[1].splitlines()[1] for part in slips if "(hieutruong): MÃ" in part)
    assert any("█▀▀▀▀▀█" in part for part in slips), "a QR code"

    with served(root) as port:
        yield root.run("root", "ssh", "-V").stderr.strip()
        with Terminal(root.inside("root", *ssh_by_password("hieutruong", port, Path("/root")))) as terminal:
            log_in_for_the_first_time(terminal, password, key.replace(" ", ""))
            terminal.wait_for("Việc của tôi hôm nay")
            yield "the principal came in with the password of the slip and the code of the phone"
            before = root.must("root", "readlink", "/opt/hocba/current").strip()
            told = root.must("root", "sh", "/srv/hocba.run")
            after = root.must("root", "readlink", "/opt/hocba/current").strip()
            assert before != after
            if not root.booted:
                told = root.must("hocba", HOCBA, "serve", "reload")
            assert "phiên đang mở vẫn tiếp tục" in told
            goes_on(terminal)
            yield f"{before} became {after} while that session went on"
            if root.booted:
                yield from under_systemd(root, terminal)
            else:
                terminal.press("f10")
                assert terminal.wait_for_end() == 0
        if root.booted:
            with Terminal(root.inside("root", *ssh_by_password("hieutruong", port, Path("/root")))) as terminal:
                for question, answer in (("assword:", OWN), ("Verification code:", code_now(key.replace(" ", "")))):
                    terminal.wait_for(question)
                    terminal.send(answer.encode() + b"\r")
                terminal.wait_for("Việc của tôi hôm nay")
                yield from killed(root, terminal)
    lines = root.run("root", HOCBA, "doctor").stdout.splitlines()
    missing = [line for line in lines if line.startswith("!") and "Máy chủ" in line]
    assert missing == [], missing
    root.must("root", HOCBA, "setup", "--remove", "--yes")
    yield "removed; the store stayed: " + root.must("root", "stat", "-c", "%U %a", STORE).strip()


def goes_on(terminal: Terminal) -> None:
    """See that a session answers: open a page by the palette, and come back."""
    terminal.wait_quiet(0.3)
    terminal.press("ctrl+p")
    terminal.send(b"ky nhap")
    terminal.wait_for("Mở, khóa các kỳ nhập")
    terminal.press("enter")
    terminal.wait_for("Tình trạng")
    terminal.wait_quiet(0.3)
    terminal.press("escape")
    terminal.wait_for("Việc của tôi hôm nay")


def under_systemd(root: Root, terminal: Terminal) -> Iterator[str]:
    """Let the units do what they are for, while a session is open."""
    for name in ("hocba-certificates", "hocba-backup", "hocba-drill"):
        root.must("root", "systemctl", "start", name)
    yield "certificates, backup and drill ran as units"
    root.must("root", "rm", "-r", "/etc/hocba/phieu")
    root.must("hocba", HOCBA, "account", "ask", "vanthu", "unlock", "--store", STORE)
    done = "đã mở khóa"
    wait_until(lambda: done in root.run("hocba", HOCBA, "account", "asked", "--store", STORE).stdout, "root's part", 90)
    yield "what the school asked for was done by itself"
    root.must("root", "systemctl", "stop", "hocba")
    terminal.wait_for_end()
    root.must("root", "systemctl", "start", "hocba")
    yield "a stop closed the session"


def killed(root: Root, terminal: Terminal) -> Iterator[str]:
    """Kill the listener while a session is open."""
    before = root.must("root", "systemctl", "show", "--property=MainPID", "hocba")
    root.must("root", "systemctl", "kill", "--signal=KILL", "--kill-who=main", "hocba")
    wait_until(lambda: root.run("root", "systemctl", "is-active", "hocba").stdout == "active\n", "the door", LIMIT)
    assert root.must("root", "systemctl", "show", "--property=MainPID", "hocba") != before
    goes_on(terminal)
    terminal.press("f10")
    assert terminal.wait_for_end() == 0
    yield "the listener was killed and began again; the session went on"
    failed = root.must("root", "systemctl", "list-units", "--failed", "--plain", "--no-legend")
    assert "hocba" not in failed, failed


@contextmanager
def served(root: Root) -> Iterator[int]:
    """Let the school's server and an sshd run in there, and yield the port."""
    if root.booted:
        root.must("root", "systemctl", "start", "hocba")
        is_up = lambda: root.run("hocba", HOCBA, "serve", "status").returncode == 0  # noqa: E731
        wait_until(is_up, "the server", LIMIT)
        yield 22
        return
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = int(probe.getsockname()[1])
    root.must("root", "install", "-d", "-m", "711", "-o", "hocba", "/run/hocba")
    running = [
        subprocess.Popen(root.inside("hocba", HOCBA, "serve", "--store", STORE), stdout=subprocess.DEVNULL),
        subprocess.Popen(root.inside("root", "/usr/sbin/sshd", "-D", "-p", str(port), "-o", "ListenAddress=127.0.0.1")),
    ]
    try:
        wait_until(lambda: answers(port), "sshd", LIMIT)
        wait_until(lambda: "phiên" in root.run("hocba", HOCBA, "serve", "status").stdout, "the server", LIMIT)
        yield port
    finally:
        for process in running:
            process.kill()
            process.wait()


def make(suite: Suite, kept: Path, keyring: Path) -> Path:
    """Return the packed root of a suite, made from its mirror when it is not there yet."""
    packed = kept / f"{suite.name}.tar"
    if not packed.exists():
        wanted = ",".join((*suite.python, *PACKAGES))
        keys = [f"--keyring={keyring}"] if suite.mirror == UBUNTU else []
        command = ["mmdebstrap", "--mode=root", "--variant=minbase", *keys]
        subprocess.run(
            [*command, f"--include={wanted}", suite.name, f"{packed}.part.tar", *suite.sources],
            check=True, timeout=_MOST, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        Path(f"{packed}.part.tar").rename(packed)
    return packed


def main() -> int:
    """Walk through each suite; exit 1 when one failed, and say which could not be made."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("suites", nargs="*", default=[suite.name for suite in SUITES])
    asked.add_argument("--keep", type=Path, help="where packed roots are kept from one run to the next")
    asked.add_argument("--boot", action="store_true", help="let the root's own systemd run (systemd-nspawn)")
    asked.add_argument("--keyring", type=Path, default=KEYRING, help="the keys of Ubuntu's archive")
    options = asked.parse_args()
    assert os.geteuid() == 0, "only root can make a computer"
    subprocess.run(["scripts/bundle.sh", sys.executable], cwd=HOME, check=True)
    bundle = max((HOME / "dist").glob("hocba-*.run"), key=lambda path: path.stat().st_mtime)
    failed = 0
    with tempfile.TemporaryDirectory(dir="/var/tmp") as work:
        kept = options.keep or Path(work)
        kept.mkdir(exist_ok=True)
        school = Path(work) / "truong.toml"
        text = SAMPLE.read_text(encoding="utf-8").replace('system_user = "quantri"', 'system_user = "hocba"')
        school.write_text(text, encoding="utf-8")
        for suite in (suite for suite in SUITES if suite.name in options.suites):
            print(f"== {suite.name}", flush=True)
            try:
                packed = make(suite, kept, options.keyring)
            except (subprocess.SubprocessError, OSError) as error:
                print(f"   could not be made here: {error}")
                continue
            place = Path(work) / suite.name
            place.mkdir()
            subprocess.run(["tar", "-xf", str(packed), "-C", str(place), "--exclude=./dev/*"], check=True)
            try:
                with Root(place, bundle, school, boot=options.boot) as root:
                    for line in walk(root):
                        print(f"   {line}", flush=True)
            except (AssertionError, subprocess.SubprocessError) as error:
                failed += 1
                print(f"   FAILED: {error}", flush=True)
            shutil.rmtree(place)
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
