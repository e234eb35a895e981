"""Which stack of a model is read: its only one, the encoder of an encoder–decoder, or that one's decoder."""

from __future__ import annotations

from inspect import signature
from typing import Any

import torch
from torch import Tensor, nn

from ingest.model.anatomy.passes import forward
from mri_core.errors import ModelError, UsageError


class ShiftedDecoder(nn.Module):
    """An encoder–decoder of which both stacks read the text: the encoder, and the decoder after its start token.

    The decoder's input is the text shifted right by one: position 0 is the start token, position j + 1 reads the text's
    token j (and predicts token j + 1). The last token is read as well, where training would leave it out: in a causal
    decoder no other state depends on it.
    """

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model
        self.config = model.config
        self.start = _start_token(model)

    @property
    def decoder(self) -> nn.Module:
        """The stack whose blocks are read."""
        decoder: nn.Module = self.model.get_decoder()
        return decoder

    def get_input_embeddings(self) -> Any:
        """The decoder's embeddings; encoder–decoders that read plain text share them."""
        return self.model.get_input_embeddings()

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Any:
        """One pass over token ids (texts, length); the decoder's states are (texts, length + 1, width)."""
        start = input_ids.new_full((len(input_ids), 1), self.start)
        return self.model(
            input_ids=input_ids,
            attention_mask=attention_mask,
            decoder_input_ids=torch.cat([start, input_ids], dim=1),
            decoder_attention_mask=torch.cat([torch.ones_like(start), attention_mask], dim=1),
            use_cache=False,
        )


def choose_stack(model: Any, wanted: str | None) -> Any:
    """The part of a model that is run: itself, its encoder, or with `decoder` all of it around its decoder.

    Raises:
        ModelError: the model does not specify its decoder's start token.
    """
    if not model.config.is_encoder_decoder:
        return model
    return ShiftedDecoder(model) if wanted == "decoder" else model.get_encoder()


def find_tower(model: Any) -> tuple[str, Any] | None:
    """The part that reads text of a model that cannot be run on text alone: its path and itself.

    A model of text and images (CLIP, SigLIP, BLIP) or sounds (CLAP) compares two towers' outputs, and needs an input
    for each. Its text tower is the outermost part that has a config of its own, takes token ids and can be run on them.
    Models that can be run on text alone are read whole, whatever they could take besides, and so are those whose config
    has no parts.

    Returns:
        None if the whole model is to be read.
    """
    if not getattr(model.config, "sub_configs", None) or _runs(model):
        return None
    parts = ((path, part) for path, part in model.named_modules() if path and _takes_ids(part))
    return next(((path, part) for path, part in parts if _runs(part)), None)


def _takes_ids(part: Any) -> bool:
    return hasattr(part, "config") and "input_ids" in signature(part.forward).parameters


def _runs(stack: Any) -> bool:
    """Whether it runs on a few token ids; an out-of-memory error is raised."""
    ids = torch.arange(2, 8)[None]
    try:
        forward(stack, ids, torch.ones_like(ids, dtype=torch.bool))
    except (ModelError, StopIteration):
        return False
    return True


def read_part(stack: nn.Module) -> nn.Module:
    """The part of what is run whose blocks are read."""
    return stack.decoder if isinstance(stack, ShiftedDecoder) else stack


def feeding_part(stack: nn.Module) -> Any:
    """The encoder that feeds a decoder that is read; None for other stacks."""
    return stack.model.get_encoder() if isinstance(stack, ShiftedDecoder) else None


def weights_part(stack: nn.Module) -> Any:
    """The transformers model that holds all weights of what is run."""
    return stack.model if isinstance(stack, ShiftedDecoder) else stack


def lead(stack: nn.Module) -> int:
    """Positions of the stack's own before the text's first: the decoder's start token, or none."""
    return int(isinstance(stack, ShiftedDecoder))


def check_only_stack(stack: nn.Module, wanted: str | None, *, causal: bool) -> None:
    """Refuse to read another stack than a model's only one.

    Raises:
        UsageError: a decoder of an encoder model was requested, or an encoder of a causal model.
    """
    only = "decoder" if causal else "encoder"
    if wanted not in (None, only):
        fact = f"{type(stack).__name__} has one stack only, its {only}"
        raise UsageError(f"--stack {wanted} is for models that have an encoder and a decoder", fact, "Leave it out")


def _start_token(model: Any) -> int:
    """The token that generation starts with."""
    settings = [model.config, getattr(model, "generation_config", None)]
    for name in ("decoder_start_token_id", "bos_token_id", "pad_token_id"):  # T5 starts with its padding
        for setting in settings:
            token = getattr(setting, name, None)
            if isinstance(token, int):
                return token
    raise ModelError("A decoder's config states decoder_start_token_id", f"That of {type(model).__name__} does not")
