"""All doors."""

from __future__ import annotations

from tests.attacks.fuzz import doors_of_activity, doors_of_files, doors_of_lines, doors_of_store, doors_of_trust

ELSEWHERE = {
    "demo/people.py": "names in the package",
    "demo/place.py": "its own note beside a demo school",
    "demo/job.py": "what the job itself has just written",
    "export/record/profile.py": "profiles in the package",
    "flow/comments/bank.py": "the bank in the package",
    "flow/grades/counts.py": "its own answer behind the checksum of store/cache.py; find() works it out again",
    "flow/grades/derived.py": "source files of the package, for their hash",
    "flow/reports/statistics.py": "its own answer behind the checksum of store/cache.py",
    "flow/records/issued_files.py": "bytes that are handed on as they are",
    "flow/school/class_check.py": "bytes that are compared by their hash",
    "flow/school/drill.py": "its own mark, compared",
    "flow/school/held_apart.py": "a word of the kernel",
    "flow/school/trouble_report.py": "the kernel's list of mounts",
    "flow/tray.py": "bytes that are handed on as they are",
    "cli/school/school.py": "the sample in the package",
    "sandbox/server.py": "a server for trying, on loopback; what it has parsed goes through the door of its portal",
    "server/listener.py": "its own settings, and numbers of its own signals",
    "machine/answers.py": "what root has answered",
    "machine/pam.py": "root's own file",
    "machine/server_setup.py": "what root has just made",
    "machine/steps.py": "root's own files, compared",
    "server/served.py": "bytes that are compared with one word",
    "server/trying.py": "keys that it has just made",
    "signing/helper.py": "the process that started it",
    "signing/softhsm.py": "its own settings, compared",
    "signing/softhsm_keys.py": "the process that started it",
    "store/disk.py": "opens files for the others and looks at no byte",
    "store/filesystem.py": "the kernel's list of mounts",
    "store/folder.py": "bytes that are handed on as they are",
    "store/presence.py": "the kernel's names of processes",
    "store/protect.py": "bytes that are copied as they are",
    "workers.py": "results of processes that this one has started",
    "cli/school/account_apply.py": "what root's own part hands over",
    "flow/upkeep/at_once.py": "the public half of the key of the drill, which root wrote",
    "machine/codes.py": "root's own file",
    "machine/outcomes.py": "root's own file",
}
"""Modules that parse bytes, or open files, of nobody else, or do not look at them."""

DOORS = [
    *doors_of_files.DOORS,
    *doors_of_trust.DOORS,
    *doors_of_lines.DOORS,
    *doors_of_store.DOORS,
    *doors_of_activity.DOORS,
]
