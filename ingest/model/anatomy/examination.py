"""The properties of a loaded model, found from its parts and from a pass over a few tokens, not from its name."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, cast

import torch
from torch import Tensor, nn

from ingest.model.anatomy.blocks import Blocks, as_stream, find_blocks
from ingest.model.anatomy.conduct import examine_conduct
from ingest.model.anatomy.layout import find_layout
from ingest.model.anatomy.passes import Conduct, forward
from ingest.model.anatomy.stacks import feeding_part, lead, read_part
from ingest.model.anatomy.taps import entering, tapped
from ingest.model.sites import SITES, Readable
from ingest.model.tokens import TextEncoder
from mri_core.errors import ModelError

PROBE_LENGTH = 8
NO_LEAK = 1e-5  # causal models gave exactly 0, others, even with random weights, 7e-4 and more
SHOWN_WEIGHTS = 3


@dataclass(frozen=True)
class Anatomy:
    """The facts of a stack.

    Attributes:
        site: where its layers are read.
        stream: the blocks that are read, whatever the site.
        blocks: all that are run, an encoder's too where it feeds the decoder that is read.
        widths: of the states in each layer.
        lead: positions of its own before the text's first.
        causal: no position sees a later one.
        respects_padding_mask: padding changes nothing; FNet, which mixes all positions, has no mask.
        is_fixed: no pass changes the model or draws at random.
        warnings: what the user should know, a sentence each.
    """

    site: Readable
    stream: Blocks
    blocks: tuple[nn.Module, ...]
    widths: tuple[int, ...]
    lead: int
    causal: bool
    respects_padding_mask: bool
    is_fixed: bool
    warnings: tuple[str, ...]


def examine(stack: Any, encoder: TextEncoder, max_length: int, site: str) -> Anatomy:
    """The anatomy of a stack, from a few passes over two short texts that differ in one token.

    The decoder of an encoder–decoder sees all of the text through its encoder; it is causal in its own input, by
    construction.

    Raises:
        ModelError: the stack cannot be run on text, is no transformer whose blocks pass on one stream, or has no such
            site.
    """
    ids = _probe_ids(encoder, max(2, min(PROBE_LENGTH, max_length // 2)))
    attended = torch.ones_like(ids, dtype=torch.bool)
    part, before = read_part(stack), lead(stack)

    def pass_on() -> Conduct:
        return forward(stack, ids, attended)

    blocks = find_blocks(part, _hidden_layers(part, decoder=bool(before)), pass_on)
    feeding = feeding_part(stack)
    fed = () if feeding is None else find_blocks(feeding, _hidden_layers(feeding, decoder=False), pass_on).modules
    blocks = _laid_out(stack, part, blocks, ids)
    states = _states(stack, blocks, ids, attended)
    for state in states:
        _check_stream(state, ids)
    last = states[-1][:, : ids.shape[1]]
    treatment = examine_conduct(stack, blocks, ids[:1], max_length)
    read = SITES.named(site).find(stack, blocks, 2 + before, ids)
    if read is not blocks:
        states = _states(stack, read, ids, attended)
    if len(states) < 2:
        raise ModelError(
            "A study follows texts from layer to layer",
            f"At the site {site!r} this model has one",
            "Take --site residual",
        )
    return Anatomy(
        read,
        blocks,
        blocks.modules + fed,
        tuple(state.shape[2] for state in states),
        before,
        causal=bool(before) or _is_causal(last),
        respects_padding_mask=treatment.respects_padding_mask,
        is_fixed=treatment.is_fixed,
        warnings=_warnings(blocks, random=treatment.draws_matter),
    )


def vocabulary_size(stack: Any) -> int | None:
    """Number of token ids in the embedding; None if the model has no ordinary embedding."""
    try:
        return int(stack.get_input_embeddings().weight.shape[0])
    except (NotImplementedError, AttributeError):
        return None


def position_limit(stack: Any) -> int | None:
    """The most tokens that the position embeddings take; None for relative positions without a limit."""
    limit = getattr(stack.config.get_text_config(), "max_position_embeddings", None)
    if not isinstance(limit, int) or limit <= 0:
        return None
    return limit - _reserved_positions(stack, limit) - lead(stack)


def missing_weights(model: nn.Module, stack: nn.Module, missing: set[str]) -> tuple[str, ...]:
    """A warning if the checkpoint lacks weights of the stack, which were then initialised at random.

    Raises:
        ModelError: it lacks them all.
    """
    read = {id(parameter) for parameter in stack.parameters()}
    named = model.named_parameters(remove_duplicate=False)  # tied weights count under each of their names
    names = {name for name, parameter in named if id(parameter) in read and "pooler" not in name}
    absent = sorted(names & missing)
    if not absent:
        return ()
    if len(absent) == len(names):
        raise ModelError("A checkpoint holds the weights of its model", f"None of them fits {type(stack).__name__}")
    shown = ", ".join(absent[:SHOWN_WEIGHTS]) + (", …" if len(absent) > SHOWN_WEIGHTS else "")
    return (f"{len(absent)} of {len(names)} weights are not in the checkpoint and were set at random: {shown}",)


def _reserved_positions(stack: nn.Module, limit: int) -> int:
    """RoBERTa and its relatives number positions after the padding id."""
    for name, module in stack.named_modules():
        if isinstance(module, nn.Embedding) and "position" in name and module.num_embeddings == limit:
            return 0 if module.padding_idx is None else module.padding_idx + 1
    return 0


def _hidden_layers(stack: Any, *, decoder: bool) -> int:
    """Number of hidden layers; encoder–decoder configs name their decoder's differently."""
    names = ("num_decoder_layers", "decoder_layers") if decoder else ()
    for name in (*names, "num_hidden_layers"):
        for config in (stack.config, stack.config.get_text_config()):
            count = getattr(config, name, None)
            if isinstance(count, int) and count > 0:
                return count
    raise ModelError("A transformer's config states num_hidden_layers", f"That of {type(stack).__name__} does not")


def _probe_ids(encoder: TextEncoder, length: int) -> Tensor:
    """(2, length) ordinary tokens; the second row differs from the first in its last."""
    known = range(min(encoder.vocabulary or 1_000, 1_000))
    ordinary = [token for token in known if token not in encoder.special_ids] or [0]
    first, other = torch.tensor(ordinary)[torch.arange(length) % len(ordinary)], ordinary[length % len(ordinary)]
    second = first.clone()
    second[-1] = other
    return torch.stack([first, second])


def _states(stack: Any, site: Readable, ids: Tensor, attended: Tensor) -> list[Tensor]:
    """Copies of the states of all layers in one pass, as blocks may change them in place."""
    states: list[Tensor] = []
    with site.read_by(lambda layer, state: states.append(as_stream(state, len(ids)).clone())):
        forward(stack, ids, attended)
    return states


def _laid_out(stack: nn.Module, part: Any, blocks: Blocks, ids: Tensor) -> Blocks:
    """The blocks with the layout of what enters the first of them, from two passes over inputs of different sizes."""
    other = torch.cat([ids, ids[:1]])[:, 1:]
    one, two = (_entering_shape(stack, blocks, some) for some in (ids, other))
    active = getattr(part.config.get_text_config(), "altup_active_idx", None)
    return replace(blocks, layout=find_layout(one, two, ids.shape, other.shape, active))


def _entering_shape(stack: nn.Module, blocks: Blocks, ids: Tensor) -> torch.Size:
    shapes: list[torch.Size] = []

    def before(module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        shapes.append(cast(Tensor, entering(args, kwargs)).shape)

    with tapped(blocks.modules, before, None):
        forward(stack, ids, torch.ones_like(ids, dtype=torch.bool))
    return shapes[0]


def _warnings(blocks: Blocks, *, random: bool) -> tuple[str, ...]:
    warnings = []
    if blocks.passed_over:
        skipped, count = ", ".join(map(str, blocks.passed_over)), len(blocks.passed_over)
        warnings.append(
            f"On text alone the model passes over {count} of its {count + blocks.calls} blocks (number {skipped}): "
            "the layers are those of the others, in order"
        )
    if random:
        warnings.append(
            "The model draws at random while it reads: every batch is drawn from the same seed, so that a scan can be "
            "repeated, but another draw would give other rows"
        )
    return tuple(warnings)


def _check_stream(state: Tensor, ids: Tensor) -> None:
    if state.dim() != 3 or len(state) != len(ids) or state.shape[1] < ids.shape[1]:
        raise ModelError(
            "A block passes on states of the shape texts × tokens × width",
            f"Here it is {' × '.join(map(str, state.shape))} for {len(ids)} texts of {ids.shape[1]} tokens",
            "This architecture cannot be scanned",
        )


def _is_causal(states: Tensor) -> bool:
    """Whether the two rows, which differ in their last token, differ there only.

    A change elsewhere is measured relative to that difference, which is small next to large position embeddings.
    """
    change = torch.linalg.vector_norm(states[0] - states[1], dim=-1)
    return bool((change[:-1] <= NO_LEAK * change[-1]).all())
