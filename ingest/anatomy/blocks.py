"""The blocks of a transformer, found by what a forward pass does, and the residual stream between them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from mri_core.errors import ModelError

Reader = Callable[[int, Tensor], None]  # layer index, states (batch, length, width)


@dataclass(frozen=True)
class Blocks:
    """The modules of one list, called `calls` times in a pass (ALBERT calls one module again and again)."""

    modules: tuple[nn.Module, ...]
    calls: int

    @contextmanager
    def read_by(self, reader: Reader) -> Iterator[None]:
        """While open, every forward pass gives the reader the residual stream before each block and after the last.

        Layer i is what enters block i (after the embedding for i = 0), layer `calls` what leaves the last block, before
        any final norm.
        """
        call = 0

        def before(module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
            reader(call, cast(Tensor, entering(args, kwargs)))

        def after(module: nn.Module, args: tuple[Any, ...], output: Any) -> None:
            nonlocal call
            call += 1
            if call == self.calls:
                reader(call, cast(Tensor, first_tensor(output)))
                call = 0

        handles = [module.register_forward_pre_hook(before, with_kwargs=True) for module in self.modules]
        handles += [module.register_forward_hook(after) for module in self.modules]
        try:
            yield
        finally:
            remove(handles)


@dataclass
class _Traffic:
    """The states that a forward pass sent through the modules of one list, in order."""

    path: str
    modules: tuple[nn.Module, ...]
    entered: list[Tensor]
    left: list[Tensor]

    def enter(self, module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """A forward pre-hook. States are cloned, as a block may change them in place."""
        states = entering(args, kwargs)
        if states is not None:
            self.entered.append(states.clone())

    def leave(self, module: nn.Module, args: tuple[Any, ...], output: Any) -> None:
        """A forward hook."""
        states = first_tensor(output)
        if states is not None:
            self.left.append(states.clone())

    def is_a_stream(self) -> bool:
        """Whether modules hand the stream on to each other: those of a list of attentions or of norms do not."""
        pairs = list(zip(self.left, self.entered[1:], strict=False))
        return not pairs or any(torch.equal(left, entered) for left, entered in pairs)

    def parameters(self) -> int:
        return sum(parameter.numel() for module in self.modules for parameter in module.parameters())


def find_blocks(stack: nn.Module, calls: int, forward: Callable[[], object]) -> Blocks:
    """The blocks of a stack: the outermost module list that one forward pass calls `calls` times and streams through.

    Args:
        stack: the part of the model whose residual stream is read.
        calls: the number of hidden layers that the model's config states.
        forward: runs the stack once on a few tokens.

    Raises:
        ModelError: no list of modules fits.
    """
    seen = _watch(stack, forward)
    fitting = [
        traffic for traffic in seen if len(traffic.entered) == len(traffic.left) == calls and traffic.is_a_stream()
    ]
    if not fitting:
        found = ", ".join(f"{traffic.path} ({len(traffic.entered)})" for traffic in seen[:8]) or "none"
        raise ModelError(
            f"A model has a list of blocks that a pass calls once for each of its {calls} hidden layers",
            f"{type(stack).__name__} has no such list; its lists and their calls: {found}",
            "This architecture cannot be scanned",
        )
    # Of lists that fit, the one with most parameters; an outer list comes before the lists inside its blocks.
    return Blocks(max(fitting, key=_Traffic.parameters).modules, calls)


def _watch(stack: nn.Module, forward: Callable[[], object]) -> list[_Traffic]:
    """The traffic of every module list that states passed through in one forward pass."""
    lists = [
        _Traffic(path, tuple(dict.fromkeys(module)), [], [])
        for path, module in stack.named_modules()
        if isinstance(module, nn.ModuleList)
    ]
    handles = []
    for traffic in lists:
        for module in traffic.modules:
            handles.append(module.register_forward_pre_hook(traffic.enter, with_kwargs=True))
            handles.append(module.register_forward_hook(traffic.leave))
    try:
        forward()
    finally:
        remove(handles)
    return [traffic for traffic in lists if traffic.entered]


def remove(handles: list[RemovableHandle]) -> None:
    """Takes hooks off again."""
    for handle in handles:
        handle.remove()


def entering(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Tensor | None:
    """The states that a block is called with."""
    return first_tensor(args[0] if args else kwargs.get("hidden_states"))


def as_stream(states: Tensor, texts: int) -> Tensor:
    """States (texts, length, width), also of a module that flattens the texts, as OPT's feed-forward does."""
    return states.reshape(texts, -1, states.shape[-1]) if states.dim() == 2 else states


def first_tensor(value: Any) -> Tensor | None:
    """The states themselves: a block's output may come in a tuple with caches and attentions."""
    first = value[0] if isinstance(value, tuple) and value else value
    return first if isinstance(first, Tensor) else None
