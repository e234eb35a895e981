"""What every refusal has in common, for the tests of bad input."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from mri_core.errors import CorpusError, MriError


@contextmanager
def refused(*facts: str, kind: type[MriError] = CorpusError) -> Iterator[None]:
    """The block raises exactly this kind of error, in one printable line that tells all the facts."""
    with pytest.raises(kind) as caught:
        yield
    message = str(caught.value)
    assert type(caught.value) is kind
    assert message.isprintable(), repr(message)
    for fact in facts:
        assert fact in message, message
