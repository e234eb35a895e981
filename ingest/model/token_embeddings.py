"""A model of which only the token embeddings are read: tokens without order or context."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields

import torch
from torch import Tensor, nn

from ingest.model.loading import LoadedModel
from mri_core.errors import ModelError


@dataclass(frozen=True)
class TokenEmbeddings(LoadedModel):
    """A loaded model whose one layer is the table of its token embeddings; no block is run.

    Attributes:
        table: gives (texts, length, width) of (texts, length) token ids.
    """

    table: nn.Module

    def run(self, ids: Tensor, attended: Tensor, reader: Callable[[int, Tensor], None]) -> None:
        """Looks the tokens up, and reads that as the only layer."""
        reader(0, self.table(ids))


def token_embeddings(model: LoadedModel) -> TokenEmbeddings:
    """The model's table of token embeddings, to be read as a model of one layer.

    Raises:
        ModelError: the model has no such table, such as one that hashes bytes.
    """
    try:
        table = model.stack.get_input_embeddings()  # type: ignore[operator]
        with torch.inference_mode():
            width = table(torch.zeros((1, 1), dtype=torch.long, device=model.place.device)).shape[2]
    except (AttributeError, NotImplementedError, TypeError, IndexError) as error:
        fact = f"{model.source.name} has none that can be read by itself"
        raise ModelError("The baseline of embeddings takes a model's table of them", fact, "Leave it out") from error
    known = {field.name: getattr(model, field.name) for field in fields(model)}
    # no position has an attention sink here, and padding changes nothing
    return TokenEmbeddings(
        **{**known, "widths": (width,), "lead": 0, "causal": False, "respects_padding_mask": True}, table=table
    )
