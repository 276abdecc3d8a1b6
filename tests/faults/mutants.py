"""Each rule of the store, broken on purpose: what to change, and the tests that must notice.

The rules are those of docs/data.md: write a temporary file, sync, rename, sync the folder; check every journal line;
acknowledge only what is on disk; compare and write under one lock; order by sequence; locks that
hold, on disks that really sync.
"""

from __future__ import annotations

from typing import NamedTuple

POWER = "tests/faults/test_power_cut.py"
FAULTS = "tests/store/test_faults.py"
REPLACED = "tests/store/test_replaced.py"
HEADS = "tests/store/test_heads.py"
BYPASSED = "tests/faults/test_bypassed.py"
ERRNO = "tests/faults/test_errno_sweep.py"
STATEFUL = "tests/store/test_stateful.py"
CONFORMANCE = "tests/store/test_conformance.py"
FOLDER = "tests/store/test_folder.py"
SHARD = "tests/store/test_shard.py"
JOURNAL = "tests/store/test_journal.py"
FLIPS = "tests/faults/test_bit_flips.py"
FILESYSTEM = "tests/store/test_filesystem.py"
RULES = "tests/store/test_rules.py"
NOTING = "tests/store/activity/test_noting.py"


class Mutant(NamedTuple):
    """One rule broken in one place of ``hocba_tui/store``."""

    rule: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]


MUTANTS = (
    # A new file is written under a temporary name, synced, renamed, and its folder synced; never in place.
    Mutant(
        "the temporary file is synced before it gets its name",
        "disk.py",
        "        write_all(handle, data)\n        if durable:\n            os.fsync(handle)\n",
        "        write_all(handle, data)\n",
        (POWER, RULES),
    ),
    Mutant(
        "the folder is synced after a rename",
        "disk.py",
        "        temporary.replace(path)\n        if durable:\n            sync_folder(path.parent)\n",
        "        temporary.replace(path)\n",
        (POWER, RULES),
    ),
    Mutant(
        "the folder is synced after a file was written once",
        "disk.py",
        "        # Also where somebody else linked it: they may have died before they could.\n"
        "        sync_folder(path.parent)\n",
        "",
        (POWER, RULES),
    ),
    Mutant(
        "a good file is never truncated in place",
        "disk.py",
        "        _write_new(temporary, data, FILE_MODE, durable=durable)\n        temporary.replace(path)\n",
        "        path.write_bytes(data)\n",
        (RULES,),
    ),
    Mutant(
        "what was issued is never written over",
        "disk.py",
        "        if not path.exists():\n",
        "        path.unlink(missing_ok=True)\n        if True:\n",
        (FOLDER,),
    ),
    # A journal line can be checked; a reader stops at the first bad one; only a writer cuts.
    Mutant(
        "a record's checksum is compared",
        "journal.py",
        'if line[-1:] != b"\\n" or line[:_PREFIX] != b"%08x %08x " % (len(text), zlib.crc32(text)):',
        'if line[-1:] != b"\\n":',
        (JOURNAL, FLIPS),
    ),
    Mutant(
        "a record names the hash of the one before",
        "journal.py",
        'if previous is not None and body["prev"] != previous:',
        "if False:",
        (JOURNAL, FAULTS),
    ),
    Mutant(
        "a record has the next number",
        "journal.py",
        "if number is not None and entry.seq != number:",
        "if False:",
        (JOURNAL,),
    ),
    Mutant(
        "a reader stops at the first bad record",
        "journal_file.py",
        "                if mark.end < durable or not journal.is_torn(data[position:], mark.end):",
        "                if False:",
        (FAULTS, FLIPS),
    ),
    Mutant(
        "only a writer cuts a torn tail",
        "journal_file.py",
        "                elif writing:\n",
        "                else:\n",
        (FAULTS,),
    ),
    Mutant(
        "a torn tail is cut before anything is written behind it",
        "journal_file.py",
        "                elif writing:\n                    os.ftruncate(self._handle, mark.end)\n",
        "",
        (FAULTS, STATEFUL),
    ),
    # Acknowledged means on disk; after a failed sync none of it is trusted.
    Mutant(
        "a change is acknowledged after its sync",
        "shard.py",
        "            self._settle(_Unsure(start, line, entry), sure=sure)\n        except CellConflict",
        "        except CellConflict",
        (POWER, STATEFUL),
    ),
    Mutant(
        "it is on disk before others are told so",
        "syncing.py",
        "        os.fdatasync(self._journal)\n        self.publish(end)\n",
        "        self.publish(end)\n        os.fdatasync(self._journal)\n",
        (FAULTS, POWER, STATEFUL, ERRNO),
    ),
    Mutant(
        "half a line is not on disk",
        "syncing.py",
        "        end = self._end_of_lines()\n",
        "        end = os.fstat(self._journal).st_size\n",
        (STATEFUL,),
    ),
    Mutant(
        "a failed sync is a refusal",
        "journal_file.py",
        "                        self._take_back()\n                        raise\n",
        "                        self._take_back()\n",
        (FAULTS,),
    ),
    Mutant(
        "what could not be synced is taken back",
        "journal_file.py",
        "                    os.ftruncate(self._handle, durable)\n",
        "                    pass\n",
        (FAULTS, STATEFUL),
    ),
    Mutant(
        "whose line was taken back is told",
        "journal_file.py",
        "                taken_back = not self._there(start, line)\n",
        "                taken_back = False\n",
        (RULES,),
    ),
    Mutant(
        "nobody cuts who does not know how far the disk is",
        "journal_file.py",
        "if self.sync.current() and (durable := self.sync.durable()):",
        "durable = self.sync.durable()\n                if True:",
        (FAULTS, STATEFUL),
    ),
    Mutant(
        "the checkpoint never says more than the disk",
        "shard.py",
        "            if not self._damage and self._journal.agrees(mark) and mark.end <= self._journal.sync.durable():",
        "            if True:",
        (RULES,),
    ),
    # Read, compare, change and write under one lock (compare and set).
    Mutant(
        "what was seen is compared",
        "tables.py",
        "            if held != before:\n",
        "            if False:\n",
        (CONFORMANCE,),
    ),
    Mutant(
        "what others wrote is read before comparing",
        "shard.py",
        "                alone = not self._journal.read(writing=True)\n",
        "                alone = True\n",
        (CONFORMANCE,),
    ),
    Mutant(
        "writers keep one another out",
        "journal_file.py",
        "            else:\n                take(self._handle, fcntl.LOCK_EX, self.called)\n",
        "",
        (CONFORMANCE, "tests/crowd/test_crowd.py"),
    ),
    Mutant(
        "the lock is of the open file, not of the process",
        "locks.py",
        "        fcntl.flock(handle, how | fcntl.LOCK_NB)\n    except BlockingIOError:\n        _wait",
        "        fcntl.lockf(handle, how | fcntl.LOCK_NB)\n    except BlockingIOError:\n        _wait",
        (RULES,),
    ),
    # The files may be replaced by hand while they are open.
    Mutant(
        "another file in the journal's place is noticed",
        "journal_file.py",
        "        if _file_of(found) != self._file:\n",
        "        if False:\n",
        (REPLACED,),
    ),
    Mutant(
        "what was read and is gone is noticed",
        "journal_file.py",
        "        if sure.seq < 0 or self.agrees(sure):\n",
        "        if True:\n",
        (REPLACED,),
    ),
    Mutant(
        "what a session has seen and others do not find is noted",
        "shard.py",
        "        if first and self._missed is not None",
        "        if False and self._missed is not None",
        (HEADS, BYPASSED),
    ),
    Mutant(
        "how far a journal had come is noted when a session ends",
        "folder.py",
        "if shard.wrote() and (mark := shard.head()):",
        "if False and (mark := shard.head()):",
        (BYPASSED,),
    ),
    Mutant(
        "the check asks how far the journal was on disk",
        "checking.py",
        "    if proof.size < durable and",
        "    if False and",
        (BYPASSED,),
    ),
    # Order by the sequence, never by the clock.
    Mutant(
        "the order is that of the sequence",
        "journal_file.py",
        "        self.tables.apply(edit for entry in entries for edit in entry.edits)\n",
        "        self.tables.apply(e for entry in sorted(entries, key=lambda e: e.at) for e in entry.edits)\n",
        (RULES,),
    ),
    # Lock files stay, links are not followed, network drives and folders that others can write to are refused.
    Mutant(
        "a lock file is never removed",
        "folder.py",
        "        finally:\n            os.close(handle)\n\n    def _finish_intents",
        '        finally:\n            os.close(handle)\n            (self.root / f"{what}.lock").unlink()\n\n'
        "    def _finish_intents",
        (RULES,),
    ),
    Mutant(
        "links are not followed", "disk.py", "_OPEN = os.O_NOFOLLOW | os.O_CLOEXEC", "_OPEN = os.O_CLOEXEC", (FAULTS,)
    ),
    Mutant(
        "network drives are refused", "filesystem.py", "    if _REMOTE.match(kind):", "    if False:", (FILESYSTEM,)
    ),
    Mutant(
        "a folder of another account is refused",
        "disk.py",
        "    if folder.stat().st_uid != os.geteuid():",
        "    if False:",
        (FILESYSTEM,),
    ),
    Mutant(
        "a folder that others may write to is refused",
        "filesystem.py",
        "    if stat.S_IMODE(status.st_mode) & 0o022:",
        "    if False:",
        (FOLDER, FILESYSTEM),
    ),
    # What changes nothing.
    Mutant(
        "what leaves the program is noted on disk before it leaves",
        "activity/noting.py",
        "            return shard.change(actor, act, touched.edits(), what, sure=act not in LOOKS)\n",
        "            return shard.change(actor, act, touched.edits(), what, sure=False)\n",
        (NOTING,),
    ),
    Mutant(
        "a damaged journal of a year stops nobody",
        "activity/noting.py",
        "        if not shard.damage:\n            yield shard\n",
        "        yield shard\n        return\n",
        (NOTING,),
    ),
    # Several shards as one.
    Mutant(
        "a wider act is written down before its first step",
        "folder.py",
        "            self._intents.do(actor, act, steps, note, expecting or {})\n",
        "            for name in steps:\n                self.shard(name).change(actor, act, steps[name], note)\n",
        (CONFORMANCE, "tests/faults/test_kill_sweep.py"),
    ),
)
