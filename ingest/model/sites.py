"""Sites: where in each block a model's states are read. PyTorch is imported only with a model, not for the names."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Protocol

from mri_core.registry import Registry

if TYPE_CHECKING:
    from torch import Tensor

    from ingest.model.anatomy.blocks import Blocks, Reader


class Readable(Protocol):
    """Modules whose states are read during a forward pass.

    Attributes:
        modules: that are read, a block each.
        calls: of all of them, in a pass.
    """

    @property
    def modules(self) -> tuple[Any, ...]: ...  # noqa: D102

    @property
    def calls(self) -> int: ...  # noqa: D102

    def read_by(self, reader: Reader) -> AbstractContextManager[None]:
        """While open, every forward pass passes the reader each layer's index and states, in order."""


class Site(ABC):
    """Where in each block states are read."""

    @abstractmethod
    def find(self, stack: Any, blocks: Blocks, parts: int, ids: Tensor) -> Readable:
        """What is read in a model.

        Args:
            stack: of the model, which runs on token ids.
            blocks: of the stack.
            parts: what a block adds to the stream: 2, or 3 in a decoder that attends to an encoder.
            ids: (2, length) token ids of two texts that differ in their last token.

        Raises:
            ModelError: the model has no such site.
        """

    def layer_names(self, layers: int) -> tuple[str, ...]:
        """The names of so many layers, one per block."""
        return tuple(f"block {number}" for number in range(1, layers + 1))


class ResidualStream(Site):
    """The residual stream before the first block and after each."""

    def find(self, stack: Any, blocks: Blocks, parts: int, ids: Tensor) -> Readable:
        """The blocks themselves."""
        return blocks

    def layer_names(self, layers: int) -> tuple[str, ...]:
        """One more than there are blocks: the embedding comes first."""
        return ("embedding", *(f"block {number}" for number in range(1, layers)))


class Addend(Site):
    """What a part of each block adds to the residual stream.

    Args:
        part: `attention` or `mlp`.
    """

    def __init__(self, part: str) -> None:
        self._part = part

    def find(self, stack: Any, blocks: Blocks, parts: int, ids: Tensor) -> Readable:
        """The modules that output it."""
        from ingest.model.anatomy.addends import addends_of

        return addends_of(stack, blocks, self._part, parts, ids)


SITES: Registry[Site] = Registry(
    "site", "sites", {"residual": ResidualStream(), "attention": Addend("attention"), "mlp": Addend("mlp")}, Site
)
