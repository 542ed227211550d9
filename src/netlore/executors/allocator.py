"""How a process that does nothing but score handles its memory.

Tensors of a few megabytes come and go by the thousand. By default the GNU C library returns their pages to the
system each time, and the next tensor pays for getting them again: a third of the time of a pass. A process of our
own keeps freed memory instead, and gives it back only before a job that would otherwise take it beyond its share
of the machine's memory. With other C libraries nothing happens.
"""

from __future__ import annotations

import ctypes
import os
from functools import cache
from pathlib import Path

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
_LARGEST_MMAP_THRESHOLD = 32 << 20  # more is refused
_NEVER = 2**31 - 1
_CONTAINER_LIMIT = Path("/sys/fs/cgroup/memory.max")

LEAST_SHARE = 1_800_000_000
"""Bytes that a process may take on any machine: what most networks of the paper's space need for 64 images."""

_keeping = False


def keep_freed_memory() -> None:
    """Let this process keep what it frees. For processes that netlore owns: workers, and the command line."""
    global _keeping
    library = _library()
    if library is not None:
        library.mallopt(_M_MMAP_THRESHOLD, _LARGEST_MMAP_THRESHOLD)
        library.mallopt(_M_TRIM_THRESHOLD, _NEVER)
        _keeping = True


def make_room(largest: int, count: int) -> None:
    """Before a job: return freed memory to the system if there would be too much with what the job needs fresh.

    The job holds `count` tensors of `largest` bytes at a time. From 32 MB on each is fresh memory, whatever was
    freed before; smaller ones find their place in what was kept.
    """
    library = _library()
    if not _keeping or library is None:
        return
    fresh = largest * count if largest >= _LARGEST_MMAP_THRESHOLD else 0
    if resident_bytes() + fresh > share_of_memory():
        library.malloc_trim(0)


def give_back(more_than: int) -> None:
    """Inside a job: return freed memory to the system if there are more bytes of it than that.

    What is freed between tensors that stay does not serve larger ones. A process of our own returns only what
    takes it beyond its share.
    """
    library = _library()
    if library is None or not hasattr(library, "mallinfo2"):
        return
    if _keeping and resident_bytes() < share_of_memory():
        return
    library.mallinfo2.restype = _Figures  # on each call, since another package may set it
    if library.mallinfo2().fordblks > more_than:
        library.malloc_trim(0)


def return_freed_memory() -> None:
    """Return all freed memory to the system, where it knows how."""
    library = _library()
    if library is not None:
        library.malloc_trim(0)


def knows_memory() -> bool:
    """Whether this system says how much memory a process takes."""
    return Path("/proc/self/statm").exists()


class _Figures(ctypes.Structure):
    """`struct mallinfo2` of the GNU C library; `fordblks` are the bytes that are free."""

    _names = "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost"
    _fields_ = [(name, ctypes.c_size_t) for name in _names.split()]


@cache
def share_of_memory() -> int:
    """Bytes that one process may take: half of the machine's memory divided by its cores, at least `LEAST_SHARE`.

    A container's limit counts as the machine's memory. 24 GiB and 2 cores give 6.4 GB.
    """
    return max(LEAST_SHARE, min(_physical_memory(), _limit_of_container()) // (2 * (os.cpu_count() or 1)))


def _physical_memory() -> int:
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):  # not every system says
        return 0


def _limit_of_container() -> int:
    """What control groups (version 2) allow, in bytes; without a limit more than any machine has."""
    try:
        return int(_CONTAINER_LIMIT.read_text(encoding="ascii"))
    except (OSError, ValueError):  # no control groups, or "max"
        return 2**63


@cache
def _library() -> ctypes.CDLL | None:
    try:
        library = ctypes.CDLL(None)
    except (OSError, TypeError):
        return None
    known = all(hasattr(library, name) for name in ("mallopt", "malloc_trim"))
    return library if known and knows_memory() else None


def resident_bytes() -> int:
    """Bytes of this process that are in memory, shared libraries included; on Linux."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def available_memory() -> float | None:
    """Bytes that processes may still take, by the system and by a container's limit; None where nobody says."""
    found = []
    status = Path("/proc/meminfo")
    if status.is_file():
        lines = dict(line.split(":", 1) for line in status.read_text(encoding="ascii").splitlines())
        found.append(float(lines["MemAvailable"].split()[0]) * 1024)
    limit, used = (Path("/sys/fs/cgroup") / name for name in ("memory.max", "memory.current"))
    if limit.is_file() and used.is_file() and (text := limit.read_text(encoding="ascii").strip()) != "max":
        found.append(float(text) - float(used.read_text(encoding="ascii")))
    return min(found, default=None)
