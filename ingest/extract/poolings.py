"""Poolings: which positions of a text make its row. PyTorch is imported where a text is read, not for the names."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

from mri_core.errors import UsageError
from mri_core.registry import Registry

if TYPE_CHECKING:
    from torch import Tensor


class Pooling(ABC):
    """How a text's tokens become one row: the mean of the states at some positions.

    Attributes:
        without_sinks: leave out positions that are attention sinks.
        takes_bos: in a causal model whose tokenizer knows a beginning-of-sequence token but does not add it, it is put
            first.
    """

    without_sinks: ClassVar[bool] = False
    takes_bos: ClassVar[bool] = False

    def check(self, *, causal: bool) -> None:
        """Raises `UsageError` if the pooling is meaningless for this kind of model; `--force` skips this check."""
        return

    @abstractmethod
    def positions(self, span: Tensor, own: Tensor, *, sink_first: bool) -> Tensor:
        """The positions whose mean is a text's row; every text has at least one.

        Args:
            span: (texts, length) positions that may be read: all but padding, or within a prompt those of the text.
            own: positions of the span that are not special tokens.
            sink_first: position 0 is an attention sink.
        """


class Mean(Pooling):
    """The text's own tokens; where position 0 is an attention sink, without it."""

    without_sinks: ClassVar = True
    takes_bos: ClassVar = True

    def positions(self, span: Tensor, own: Tensor, *, sink_first: bool) -> Tensor:
        """As `Pooling.positions`."""
        from ingest.extract.positions import or_else, readable, textual

        return or_else(textual(own, sink_first), readable(span, own))


class MeanAll(Pooling):
    """All of the span, special tokens and sinks included."""

    def positions(self, span: Tensor, own: Tensor, *, sink_first: bool) -> Tensor:
        """As `Pooling.positions`."""
        return span


class Last(Pooling):
    """The last of the text's own tokens."""

    takes_bos: ClassVar = True

    def positions(self, span: Tensor, own: Tensor, *, sink_first: bool) -> Tensor:
        """As `Pooling.positions`."""
        from ingest.extract.positions import places, readable

        read = readable(span, own)
        return places(read) == (read * places(read)).amax(dim=1, keepdim=True)


class First(Pooling):
    """The first position of the span."""

    def check(self, *, causal: bool) -> None:
        """Raises `UsageError` in a causal decoder, where that position sees one token only."""
        if causal:
            raise UsageError(
                "The first position of a causal decoder sees one token only",
                "Pooling `first` would ignore the rest of the text",
                "Take --pooling mean or last, or insist with --force",
            )

    def positions(self, span: Tensor, own: Tensor, *, sink_first: bool) -> Tensor:
        """As `Pooling.positions`."""
        from ingest.extract.positions import places

        return places(span) == span.int().argmax(dim=1, keepdim=True)


POOLINGS: Registry[Pooling] = Registry(
    "pooling", "poolings", {"mean": Mean(), "last": Last(), "first": First(), "mean-all": MeanAll()}, Pooling
)
