"""Ctrl-C that is never lost, and that ends a command with the status it chose."""

from __future__ import annotations

import signal
import sys
from threading import Timer, main_thread

LINE, STATUS = "Interrupted. Nothing half-done is visible.", 130
SOON = 0.05  # seconds: outside of what ignored the interrupt


def heed() -> None:
    """Raises an interrupt again that fell where Python ignores exceptions: in a finaliser, or while an import ends.

    Who has a hook of their own, as test runners have, keeps it.
    """
    if sys.unraisablehook is sys.__unraisablehook__:
        sys.unraisablehook = _hook


def settle() -> None:
    """Lets the exit status stand.

    An interrupt that passed through an evaluated string, as the making of a dataclass is, has left Python with a mark
    by which it would end itself with the signal; the next string that is evaluated takes the mark away.
    """
    exec("")  # noqa: S102


def _hook(unraisable: sys.UnraisableHookArgs) -> None:
    if issubclass(unraisable.exc_type, KeyboardInterrupt):
        again = Timer(SOON, signal.pthread_kill, (main_thread().ident, signal.SIGINT))  # wakes what sleeps
        again.daemon = True
        again.start()
    else:
        sys.__unraisablehook__(unraisable)
