"""What a block's attention and MLP add to the residual stream, found by adding up the outputs of its modules."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Any, cast

import torch
from torch import Tensor, nn

from ingest.model.anatomy.blocks import Blocks, Change, Reader, remove
from ingest.model.anatomy.layout import PLAIN
from ingest.model.anatomy.passes import forward
from ingest.model.anatomy.taps import Call, entering, first_tensor, surrounded, tapped, with_first
from mri_core.errors import ModelError

UNMOVED = 1e-5  # relative change below which a state counts as unchanged; exactly 0 if nothing reaches it
SAMPLE = 256  # numbers that suffice to reject most sums that do not fit
ADDS = {"attention": "attention", "mlp": "MLP or mixture of experts"}


@dataclass(frozen=True)
class Addends:
    """The modules whose outputs are added to the stream, one a block, called `calls` times in a pass.

    `skipped` blocks of a pass are left out, whose modules are not called.
    """

    modules: tuple[nn.Module, ...]
    calls: int
    skipped: int = 0

    def skipping(self, count: int) -> Addends:
        """The same in passes in which so many blocks are left out."""
        return replace(self, skipped=count)

    @contextmanager
    def read_by(self, reader: Reader) -> Iterator[None]:
        """While open, every forward pass passes each module's output to the reader, before anything is added to it.

        Layer i is block i + 1. Some models flatten the texts: a state may come as (texts × length, width).
        """
        call = self.skipped

        def after(module: nn.Module, args: tuple[Any, ...], output: Any) -> None:
            nonlocal call
            reader(call, cast(Tensor, first_tensor(output)))
            call = call + 1 if call + 1 < self.calls else self.skipped

        handles = [module.register_forward_hook(after) for module in self.modules]
        try:
            yield
        finally:
            remove(handles)

    @contextmanager
    def changed_by(self, layer: int, change: Change) -> Iterator[None]:
        """While open, a forward pass adds a change to the output of a layer, as `read_by` numbers them, and goes on."""
        call = self.skipped

        def changed(states: Tensor) -> Tensor:
            return states + change(states).to(states.dtype)

        def around(forward: Call, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
            nonlocal call
            call += 1
            output = forward(*args, **kwargs)
            return with_first(output, changed) if call == layer + 1 else output

        with surrounded(self.modules, around):
            yield


def find_addends(blocks: Blocks, site: str, parts: int, forward: Callable[[], object]) -> Addends:
    """The modules whose output each block's attention, or MLP, adds to the stream.

    Modules are not identified by name. One pass records the output of every module inside a block, in order of calls.
    A block before a norm passes on what entered it plus its addends; a block that norms its sums (BERT) is followed
    back from its output, through each norm to the sum that entered it. A sum fits if every number of it is right up to
    rounding. Of the modules that output an addend (an attention, and the projection at its end) the outermost that all
    blocks have is read. The attention is the first addend that carries a change of one token to other positions,
    the MLP the last of the others; a decoder's cross-attention, between them, is read by neither.

    Args:
        blocks: of the stack.
        site: `attention` or `mlp`.
        parts: addends of a block: 2, or 3 in a decoder that attends to an encoder.
        forward: runs the stack once on two short texts that differ in their first token.

    Raises:
        ModelError: a block has no such addends, or they come from another module than in the first block.
    """
    passages = _watch(blocks, parts, forward)
    for number, passage in enumerate(passages, start=1):
        if len(passage.parts) != parts:
            raise _refusal(site, number, passage.block, _found(passage.parts, parts))
    place = _place(site, passages[0])
    first = passages[0].parts[place]
    shared = set(first.paths)
    for number, passage in enumerate(passages, start=1):
        shared &= set(passage.parts[place].paths)
        if not shared:
            fact = f"its addend is {passage.parts[place].outermost}, while that of block 1 is {first.outermost}"
            raise _refusal(site, number, passage.block, fact)
    path = _outermost([path for path in first.paths if path in shared])
    return Addends(tuple(module.get_submodule(path) for module in blocks.modules), blocks.calls)


def addends_of(stack: nn.Module, blocks: Blocks, site: str, parts: int, ids: Tensor) -> Addends:
    """The addends of a stack's blocks at a site, as `find_addends` finds them.

    Args:
        stack: of the model, which runs on token ids.
        blocks: of the stack.
        site: `attention` or `mlp`.
        parts: addends of a block.
        ids: (2, length) token ids of two texts that differ in their last token.

    Raises:
        ModelError: its states have other axes than texts × tokens × width, or it has no such addends.
    """
    if blocks.layout != PLAIN:
        raise ModelError(
            f"--site {site} reads blocks that pass on states of texts × tokens × width",
            f"Those of {type(stack).__name__} have other axes",
            "--site residual reads this model",
        )
    attended = torch.ones_like(ids, dtype=torch.bool)
    # Flipped, the texts differ in their first token.
    return find_addends(blocks, site, parts, lambda: forward(stack, ids.flip(1), attended))


@dataclass
class _Output:
    """The output of one module of a block, or of several with identical output.

    Attributes:
        value: (texts, length, width) float64.
        order: number of the first call that output it.
        paths: modules that output it and that the block calls once.
        entered: for a norm or another module without parts, what entered it: a state of the stream, perhaps.
    """

    value: Tensor
    order: int
    paths: list[str]
    entered: Tensor | None

    @property
    def outermost(self) -> str:
        """The outermost of the modules that output it."""
        return _outermost(self.paths)

    def mixes(self, stream: Tensor) -> bool:
        """Whether it differs between the two texts where the stream that entered the block does not."""
        fixed, change = _change(stream), _change(self.value)
        elsewhere = change[fixed <= UNMOVED * fixed.max()]
        return bool((elsewhere > UNMOVED * change.max()).any())


@dataclass
class _Passage:
    """One call of a block; after the call only its parts are stored.

    Attributes:
        block: the block's class.
        stream: what entered it.
        calls: by path, what each module gave and what entered it.
        parts: what the block adds to the stream, in order; none if that was not found.
    """

    block: str
    stream: Tensor
    calls: dict[str, list[_Output]] = field(default_factory=dict)
    parts: list[_Output] = field(default_factory=list)
    count: int = 0

    def record(self, path: str, leaf: bool, entered: Tensor | None, given: Any) -> None:
        """Stores a copy of a module's output if it has the stream's shape; the original may be added to in place."""
        value = self._as_stream(first_tensor(given))
        self.count += 1
        if value is not None:
            before = self._as_stream(entered) if leaf else None
            self.calls.setdefault(path, []).append(_Output(value, self.count, [path], before))

    def close(self, given: Tensor, most: int) -> None:
        """Finds the parts and frees the rest."""
        target = self._as_stream(given)
        if target is not None:
            sums = _Sums(self.stream, self._distinct(), torch.finfo(given.dtype).eps)
            self.parts = sums.parts(target, most, self.count + 1) or []
        self.calls.clear()

    def _distinct(self) -> list[_Output]:
        """Outputs that differ, in order; a module called several times in a block cannot be identified by its path."""
        distinct: list[_Output] = []
        outputs = [(output, len(calls) == 1) for calls in self.calls.values() for output in calls]
        for output, once in sorted(outputs, key=lambda pair: pair[0].order):
            known = next((other for other in distinct if torch.equal(other.value, output.value)), None)
            if known is None:
                output.paths = output.paths if once else []
                distinct.append(output)
            elif once:
                known.paths += output.paths
        return distinct

    def _as_stream(self, states: Tensor | None) -> Tensor | None:
        if states is None or states.numel() != self.stream.numel() or states.shape[-1] != self.stream.shape[-1]:
            return None
        return _copy(states).reshape(self.stream.shape)


@dataclass(frozen=True)
class _Sums:
    """How a block's outputs add up."""

    stream: Tensor
    outputs: list[_Output]
    eps: float

    def parts(self, target: Tensor, most: int, before: int) -> list[_Output] | None:
        """The fewest outputs, `most` at most, that lead from the entering stream to a target; None if none do.

        The target is a sum with the entering stream, or with a norm's output, whose input is a target itself.
        Everything in the sum was given before the call number `before`.
        """
        earlier = [output for output in self.outputs if output.order < before]
        for summands in self._summands(target, self.stream, [output for output in earlier if output.paths], most):
            return summands
        for norm in reversed([output for output in earlier if output.entered is not None]):
            later = [output for output in earlier if output.paths and output.order > norm.order]
            for summands in self._summands(target, norm.value, later, most):
                rest = self.parts(cast(Tensor, norm.entered), most - len(summands), norm.order)
                if rest is not None:
                    return rest + summands
        return None

    def _summands(self, target: Tensor, base: Tensor, outputs: list[_Output], most: int) -> Iterator[list[_Output]]:
        """Sets of outputs whose sum with the base is the target, small sets first, of equal size the nearest."""
        for size in range(most + 1):
            fits = [(self._error(target, base, chosen), chosen) for chosen in combinations(outputs, size)]
            for error, chosen in sorted(fits, key=lambda fit: fit[0]):
                if error > size:
                    break
                yield list(chosen)

    def _error(self, target: Tensor, base: Tensor, chosen: tuple[_Output, ...]) -> float:
        """The largest error of a sum, in roundings: each addition errs by one at most, whatever their order."""
        terms = [base, *(output.value for output in chosen)]
        few = self._roundings(target.flatten()[:SAMPLE], [term.flatten()[:SAMPLE] for term in terms])
        return few if few > len(chosen) else self._roundings(target, terms)

    def _roundings(self, target: Tensor, terms: list[Tensor]) -> float:
        error = (target - sum(terms)).abs()
        size = target.abs() + sum(term.abs() for term in terms)
        return (
            float((error / (self.eps * size)).nan_to_num(nan=0.0).max()) if bool(size.isfinite().all()) else torch.inf
        )


def _watch(blocks: Blocks, parts: int, forward: Callable[[], object]) -> list[_Passage]:
    """Every call of a block in one forward pass, with its parts."""
    passages: list[_Passage] = []

    def enter(module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        passages.append(_Passage(type(module).__name__, _copy(cast(Tensor, entering(args, kwargs)))))

    def leave(module: nn.Module, args: tuple[Any, ...], output: Any) -> None:
        passages[-1].close(cast(Tensor, first_tensor(output)), parts)

    def recorder(path: str, leaf: bool) -> Callable[..., None]:
        return lambda module, args, output: passages[-1].record(path, leaf, first_tensor(args), output)

    handles = []
    for block in blocks.modules:
        for path, module in block.named_modules():
            if path:
                leaf = next(module.children(), None) is None
                handles.append(module.register_forward_hook(recorder(path, leaf)))
    try:
        with tapped(blocks.modules, enter, leave):
            forward()
    finally:
        remove(handles)
    return passages


def _place(site: str, first: _Passage) -> int:
    """Which of the first block's parts a site is."""
    mixing = [place for place, part in enumerate(first.parts) if part.mixes(first.stream)]
    if not mixing:
        raise _refusal(site, 1, first.block, "nothing that it adds carries a token's change to other positions")
    attention = mixing[0]
    places = {"attention": attention, "mlp": [p for p in range(len(first.parts)) if p != attention][-1]}
    return places[site]


def _found(parts: list[_Output], wanted: int) -> str:
    if not parts:
        return f"no {wanted} modules' outputs add up to what it does"
    return f"it adds only {' and '.join(part.outermost for part in parts)}, where {wanted} parts were looked for"


def _refusal(site: str, number: int, block: str, fact: str) -> ModelError:
    return ModelError(
        f"--site {site} reads the module whose output each block adds to the stream as its {ADDS[site]}",
        f"In block {number}, a {block}, {fact}",
        "--site residual reads this model",
    )


def _outermost(paths: list[str]) -> str:
    return min(paths, key=lambda path: path.count("."))


def _copy(states: Tensor) -> Tensor:
    return states.detach().to("cpu", torch.float64, copy=True)


def _change(states: Tensor) -> Tensor:
    """(length,) by how much two texts' states differ at each position."""
    return cast(Tensor, torch.linalg.vector_norm(states[0] - states[1], dim=-1))
