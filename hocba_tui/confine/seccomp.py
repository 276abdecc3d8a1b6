"""Calls of the kernel that no session needs are refused, by a filter that libseccomp makes.

libseccomp belongs to the base of Debian and Ubuntu (apt and systemd need it); it knows the numbers of each processor.
"""

from __future__ import annotations

import ctypes
import errno
import functools
import os

LIBRARY = "libseccomp.so.2"

_ALLOW = 0x7FFF0000
_REFUSE = 0x00050000 | errno.EPERM
_UNKNOWN = -1
_EQUAL, _NOT_EQUAL = 4, 1
_TIOCSTI, _TIOCLINUX = 0x5412, 0x541C

_SET_SECCOMP, _FILTER = 22, 2
_INSTRUCTION = 8
"""Bytes of an instruction of the filter."""

REFUSED = (
    # The memory and the descriptors of other processes.
    "ptrace", "process_vm_readv", "process_vm_writev", "pidfd_getfd", "kcmp", "process_madvise", "perf_event_open",
    # Other views of the machine: mounts, namespaces, files by number.
    "mount", "umount2", "move_mount", "open_tree", "fsopen", "fsmount", "fspick", "mount_setattr", "pivot_root",
    "chroot", "unshare", "setns", "open_by_handle_at",
    # What makes the kernel itself do things.
    "bpf", "userfaultfd", "io_uring_setup", "io_uring_enter", "io_uring_register", "add_key", "keyctl", "request_key",
    "init_module", "finit_module", "delete_module", "kexec_load", "kexec_file_load", "swapon", "swapoff", "reboot",
    "acct", "quotactl", "settimeofday", "clock_settime", "adjtimex", "clock_adjtime", "personality",
)  # fmt: skip
"""Refused always. A name that this kernel or processor does not know is left out."""


class _Argument(ctypes.Structure):
    _fields_ = (
        ("number", ctypes.c_uint), ("compare", ctypes.c_int), ("value", ctypes.c_uint64), ("mask", ctypes.c_uint64),
    )  # fmt: skip


class _Program(ctypes.Structure):
    _fields_ = (("count", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def library() -> ctypes.CDLL:
    """Return libseccomp; OSError when it is not installed."""
    found = ctypes.CDLL(LIBRARY, use_errno=True)
    found.seccomp_init.restype = ctypes.c_void_p
    found.seccomp_init.argtypes = (ctypes.c_uint32,)
    found.seccomp_syscall_resolve_name.argtypes = (ctypes.c_char_p,)
    found.seccomp_rule_add_array.argtypes = (
        ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int, ctypes.c_uint, ctypes.POINTER(_Argument),
    )  # fmt: skip
    found.seccomp_export_bpf.argtypes = (ctypes.c_void_p, ctypes.c_int)
    found.seccomp_release.argtypes = (ctypes.c_void_p,)
    return found


@functools.cache
def program() -> bytes:
    """Return the filter as the kernel takes it; OSError when it cannot be made.

    Making it dirties a megabyte, so what forks sessions makes it once, before.
    """
    seccomp = library()
    context = seccomp.seccomp_init(_ALLOW)
    if not context:
        raise OSError(errno.ENOMEM, os.strerror(errno.ENOMEM))
    try:
        for name in REFUSED:
            _add(seccomp, context, name)
        # Typing into a terminal as if its person had.
        for request in (_TIOCSTI, _TIOCLINUX):
            _add(seccomp, context, "ioctl", _Argument(1, _EQUAL, request, 0))
        # Limits and processors of other processes; 0 is the process itself.
        for name in ("prlimit64", "sched_setaffinity"):
            _add(seccomp, context, name, _Argument(0, _NOT_EQUAL, 0, 0))
        with os.fdopen(os.memfd_create("filter"), "r+b", buffering=0) as file:
            _checked(seccomp.seccomp_export_bpf(context, file.fileno()))
            file.seek(0)
            return file.readall()
    finally:
        seccomp.seccomp_release(context)


def refuse() -> None:
    """Refuse the calls, for ever, in this thread and in all that it starts; OSError when the kernel cannot.

    The process must have given up new privileges before.
    """
    made = program()
    kernel = ctypes.CDLL(None, use_errno=True)
    handed = _Program(len(made) // _INSTRUCTION, made)
    if kernel.prctl(_SET_SECCOMP, _FILTER, ctypes.byref(handed), 0, 0):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def _add(seccomp: ctypes.CDLL, context: int, name: str, *arguments: _Argument) -> None:
    number = seccomp.seccomp_syscall_resolve_name(name.encode())
    if number != _UNKNOWN:
        array = (_Argument * len(arguments))(*arguments)
        _checked(seccomp.seccomp_rule_add_array(context, _REFUSE, number, len(arguments), array))


def _checked(code: int) -> None:
    if code:
        raise OSError(-code, os.strerror(-code))
