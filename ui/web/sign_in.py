"""Signing in by a token: how tokens are compared, how wrong ones are slowed, and what a browser keeps afterwards."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from itsdangerous import BadData, URLSafeTimedSerializer

from mri_core.errors import UsageError
from ui.jobs.access import Role

TOKEN, VIEWER_TOKEN = "MRI_UI_TOKEN", "MRI_UI_VIEWER_TOKEN"
SHORTEST = 16  # characters of a token that someone chose
SIGNED_IN = 7 * 24 * 3600  # seconds until a browser is asked again
FREE, LONGEST_WAIT, REMEMBERED = 3, 60.0, 3600.0  # wrong tokens that cost no wait; seconds; seconds


@dataclass(frozen=True)
class Tokens:
    """What editors and viewers sign in with; None where nobody can as one."""

    editor: str = field(repr=False)
    viewer: str | None = field(default=None, repr=False)

    @classmethod
    def made(cls) -> Tokens:
        """New ones, which nobody can guess."""
        return cls(secrets.token_urlsafe(32), secrets.token_urlsafe(32))

    def check(self) -> None:
        """Raises `UsageError` for a token that could be guessed, or two that are one."""
        for name, token in ((TOKEN, self.editor), (VIEWER_TOKEN, self.viewer)):
            if token is not None and len(token) < SHORTEST:
                remedy = "Make one: python -c 'import secrets; print(secrets.token_urlsafe(32))'"
                raise UsageError(f"A token has at least {SHORTEST} characters", f"{name} has {len(token)}", remedy)
        if self.viewer == self.editor:
            fact = f"{TOKEN} and {VIEWER_TOKEN} are the same"
            raise UsageError("Viewers and editors sign in with different tokens", fact, "Change one of them")

    def role(self, given: str) -> Role | None:
        """Whose token it is; the time that this takes depends on neither token."""
        editor = _equal(given, self.editor)
        viewer = _equal(given, self.viewer or "") and self.viewer is not None
        if editor:
            return Role.EDITOR
        return Role.VIEWER if viewer else None


class Slowdown:
    """Makes guessing slow: after some wrong tokens none is looked at for a while, which doubles with each more.

    It counts for the whole server, whoever asks, since addresses and sessions cost a guesser nothing. Right tokens do
    not reset it, else a viewer's would; a wrong one is forgotten after an hour.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._wrong: deque[float] = deque()

    def wait(self) -> float:
        """Seconds until a token is looked at again; 0 where one is now."""
        now = self._clock()
        while self._wrong and now - self._wrong[0] > REMEMBERED:
            self._wrong.popleft()
        if len(self._wrong) < FREE:
            return 0.0
        pause = min(2.0 ** min(len(self._wrong) - FREE, 10), LONGEST_WAIT)
        return max(0.0, self._wrong[-1] + pause - now)

    def failed(self) -> None:
        """Counts a wrong token."""
        self._wrong.append(self._clock())


class Keepsakes:
    """What a signed-in browser sends with every request: its role, signed with a key that ends with the server."""

    def __init__(self) -> None:
        self._signer = URLSafeTimedSerializer(secrets.token_bytes(32), salt="mri page")

    def of(self, role: Role) -> str:
        """A keepsake that lasts for `SIGNED_IN` seconds."""
        return str(self._signer.dumps(role.value))

    def role(self, keepsake: str) -> Role | None:
        """The role that one holds; None for one that is too old or not of this server."""
        try:
            return Role(self._signer.loads(keepsake, max_age=SIGNED_IN))
        except BadData:
            return None


def _equal(one: str, other: str) -> bool:
    """Compared by their digests, so that not even a length shows in the time it takes."""
    digests = [hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest() for text in (one, other)]
    return hmac.compare_digest(*digests)
