"""The next window of texts is tokenised in a thread of its own while the model runs this one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event

from ingest.model.tokens import Encoded
from mri_core.records.corpus import Document

Window = tuple[list[Document], list[Encoded]]

PIECE = 256  # texts tokenised at once: a scan that is given up waits for no more than these


@contextmanager
def tokenised(
    windows: Iterator[list[Document]], encode: Callable[[Sequence[str]], list[Encoded]]
) -> Iterator[Iterator[Window]]:
    """Yields each window with its encoded texts, one window ahead.

    What the stream or the tokenizer raises is raised where that window would have come. On leaving, the thread ends.

    Args:
        windows: a stream of documents in pieces; the thread alone reads it.
        encode: tokenises some texts.
    """
    given_up = Event()

    def make() -> Window | None:
        window = next(windows, None)
        if window is None:
            return None
        encoded: list[Encoded] = []
        for start in range(0, len(window), PIECE):
            if given_up.is_set():
                return None
            encoded += encode([document.text for document in window[start : start + PIECE]])
        return window, encoded

    def ready() -> Iterator[Window]:
        coming = thread.submit(make)
        while (made := coming.result()) is not None:
            coming = thread.submit(make)
            yield made

    with ThreadPoolExecutor(1, "tokenise") as thread:
        try:
            yield ready()
        finally:
            given_up.set()
