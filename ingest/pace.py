"""The speed of a scan and its time left, measured in tokens."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import numpy as np

from ingest.progress import Pace, Progress


class TokenPace:
    """Estimates the time left of a scan: tokens left over tokens per second.

    Batches come longest first, so documents per second mislead. The tokens of a window are known when it is tokenised;
    those of later documents follow from their characters, by a line fitted to the documents seen so far (least squares
    over those that were not truncated), up to the maximum length. A batch's cost includes its padding, most of which is
    in the first batches of a window.

    Args:
        characters: (documents,) of each text.
        clock: gives seconds.
    """

    def __init__(self, characters: np.ndarray, clock: Callable[[], float] = time.monotonic) -> None:
        self._characters, self._clock = characters, clock
        self._unseen = np.ones(len(characters), dtype=bool)
        self._max_length = self._in_window = self._done = self._padded = 0
        self._later = self._seconds = 0.0
        self._told = 0.0
        self._moments = np.zeros(5)  # of (characters, tokens) of the documents seen: n, Σx, Σy, Σx², Σxy

    def begin(self, wanted: np.ndarray, max_length: int) -> None:
        """Begins a run of the documents of a mask, each truncated to `max_length` tokens."""
        self._unseen, self._max_length = wanted.copy(), max_length

    def window(self, ordinals: Sequence[int], tokens: Sequence[int]) -> None:
        """Documents were tokenised, at negligible cost and mostly ahead; they come next."""
        self._told = self._clock()
        self._unseen[np.asarray(ordinals)] = False
        self._in_window += sum(tokens)
        x, y = self._characters[np.asarray(ordinals)].astype(float), np.asarray(tokens, dtype=float)
        whole = y < self._max_length
        x, y = x[whole], y[whole]
        self._moments += len(x), x.sum(), y.sum(), x @ x, x @ y
        self._later = float(self._tokens_of(self._characters[self._unseen]).sum())

    def _tokens_of(self, characters: np.ndarray) -> np.ndarray:
        n, sum_x, sum_y, sum_xx, sum_xy = self._moments
        if not n:
            return np.full(len(characters), float(self._max_length))  # all texts so far were truncated
        spread = n * sum_xx - sum_x**2
        slope = max(0.0, (n * sum_xy - sum_x * sum_y) / spread) if spread > 0 else 0.0
        return np.clip(sum_y / n + slope * (characters - sum_x / n), 1, self._max_length)

    def batch(self, tokens: Sequence[int], *, ran: bool) -> None:
        """Texts of the window with so many tokens are done; the time counts only if they `ran`."""
        now = self._clock()
        self._in_window -= sum(tokens)
        if ran:
            self._done += sum(tokens)
            self._padded += len(tokens) * max(tokens)
            self._seconds += now - self._told
        self._told = now

    def pace(self) -> Pace | None:
        """Tokens a second so far, and seconds left; None before anything was run."""
        if not self._done or not self._seconds:
            return None
        seconds_left = (self._in_window + self._later) * self._seconds / self._padded
        return Pace(self._done / self._seconds, seconds_left)


class ScanMeter:
    """Reports a scan as a stage of progress.

    Args:
        progress: receives the reports.
        characters: (documents,) of each text.
        clock: gives seconds.
    """

    def __init__(self, progress: Progress, characters: np.ndarray, clock: Callable[[], float] = time.monotonic) -> None:
        self._progress, self._pace = progress, TokenPace(characters, clock)

    def begin(self, wanted: np.ndarray, max_length: int) -> None:
        """The stage begins, with a step for each document that is to be run."""
        self._progress.stage("activations", int(wanted.sum()), "documents")
        self._pace.begin(wanted, max_length)

    def window(self, ordinals: Sequence[int], tokens: Sequence[int]) -> None:
        """Documents were tokenised."""
        self._pace.window(ordinals, tokens)

    def batch(self, tokens: Sequence[int], *, ran: bool) -> None:
        """Documents are done."""
        self._pace.batch(tokens, ran=ran)
        self._progress.advance(len(tokens), self._pace.pace())
