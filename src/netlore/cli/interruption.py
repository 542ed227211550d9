"""Ctrl-C, SIGTERM and SIGHUP end a command at any moment, with one line and nothing left behind.

The line is said at once by a thread that hears of the signal, whatever the main thread is doing, and nothing is
said after it: an exception in the middle of an import or of a finaliser is printed by whoever finds it. If a store
is open, the main thread gets a KeyboardInterrupt and a moment to close it. Then, or at a second signal, all ends.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from select import select
from types import FrameType

from netlore.storage import ending

KEPT = "interrupted; everything so far is kept, and the same command goes on from there."
NOTHING_KEPT = "interrupted; this command keeps nothing, so start it again."

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# Seconds in which stores are closed; the process has ended within two.
_TO_CLOSE = 1.4
_SHOW_CURSOR = b"\r\x1b[?25h\x1b[K"

_message = KEPT
_heard = 0
_saying = threading.RLock()  # a second signal may come while the main thread says that of the first
_installed = False


def install() -> None:
    """From here on a signal ends this process, unless it was started with that signal ignored, as by `nohup`."""
    global _installed
    if threading.current_thread() is not threading.main_thread():
        return  # where signals are somebody else's
    _installed = True
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    for number in _SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _interrupt)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    # A fork has no such thread, and what it wrote to the pipe would end this process.
    os.register_at_fork(after_in_child=_leave_alone)
    threading.Thread(target=_listen, args=(reading,), daemon=True).start()


def leave() -> None:
    """The command is done: end here if it was interrupted; else a signal changes nothing any more."""
    if _heard:
        _end(0)
    if _installed:
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_IGN)


@contextmanager
def saying(message: str) -> Iterator[None]:
    """Inside, an interruption says this."""
    global _message
    before, _message = _message, message
    try:
        yield
    finally:
        _message = before


def _interrupt(number: int, frame: FrameType | None) -> None:
    """In the main thread, as soon as it is free: let it close what is open."""
    if _say(number) and ending.begin():
        raise KeyboardInterrupt


def _listen(pipe: int) -> None:
    """In a thread of its own, as soon as a signal comes."""
    while True:
        (number,) = os.read(pipe, 1)
        if number in _SIGNALS:
            _say(number)
            if ending.begin():
                select([pipe], [], [], _TO_CLOSE)
            _end(0.2)


def _say(number: int) -> bool:
    """Say the one line, and let nothing be said after it; False: it was said before."""
    global _heard
    with _saying:
        if _heard:
            return _heard == number
        _heard = number
        line = f"netlore: {_message}\n".encode()
        with suppress(OSError):  # nobody reads it
            os.write(2, _SHOW_CURSOR + line if os.isatty(2) else line)
        with suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    return True


def _end(patience: float) -> None:
    ending.remove_temporary(patience)
    os._exit(128 + _heard)


def _leave_alone() -> None:
    signal.set_wakeup_fd(-1)
    for number in _SIGNALS:
        if signal.getsignal(number) is _interrupt:
            signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
