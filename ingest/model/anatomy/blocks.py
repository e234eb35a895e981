"""The blocks of a transformer, found by tracing a forward pass, and the residual stream between them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from ingest.model.anatomy.layout import PLAIN, Layout
from ingest.model.anatomy.taps import Call, entering, first_tensor, surrounded, tapped, with_entering, with_first
from mri_core.errors import ModelError

Reader = Callable[[int, Tensor], None]  # layer index, states (batch, length, width)
Change = Callable[[Tensor], Tensor]  # from states to what is added to them, of the same shape


@dataclass(frozen=True)
class Blocks:
    """The modules of one list, called `calls` times in a pass (ALBERT calls one module again and again).

    Attributes:
        modules: those that are called.
        calls: of all of them, in a pass.
        passed_over: the numbers, from 1, of blocks that the model has and does not call on text.
        layout: of the states that they pass on.
    """

    modules: tuple[nn.Module, ...]
    calls: int
    passed_over: tuple[int, ...] = ()
    layout: Layout = PLAIN

    @contextmanager
    def read_by(self, reader: Reader) -> Iterator[None]:
        """While open, every forward pass passes the reader the residual stream before each block and after the last.

        Layer i is what enters block i (after the embedding for i = 0), layer `calls` what leaves the last block, before
        any final norm.
        """
        call = 0

        def before(module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
            reader(call, self.layout.plain(cast(Tensor, entering(args, kwargs))))

        def after(module: nn.Module, args: tuple[Any, ...], output: Any) -> None:
            nonlocal call
            call += 1
            if call == self.calls:
                reader(call, self.layout.plain(cast(Tensor, first_tensor(output))))
                call = 0

        with tapped(self.modules, before, after):
            yield

    def skipping(self, count: int) -> Blocks:
        """Itself: the blocks that `resumed` leaves out are called all the same."""
        return self

    @contextmanager
    def changed_by(self, layer: int, change: Change) -> Iterator[None]:
        """While open, a forward pass adds a change to the states of a layer, as `read_by` numbers them, and goes on."""
        call = 0

        def changed(states: Tensor) -> Tensor:
            return self.layout.shifted(states, change(self.layout.plain(states)).to(states.dtype))

        def around(forward: Call, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
            nonlocal call
            if call == layer:
                args, kwargs = with_entering(args, kwargs, changed)
            call += 1
            output = forward(*args, **kwargs)
            return with_first(output, changed) if call == layer == self.calls else output

        with surrounded(self.modules, around):
            yield

    @contextmanager
    def recorded(self, count: int) -> Iterator[list[Any]]:
        """While open, one forward pass leaves the outputs of the first `count` calls in the list, for `resumed`.

        Of the states those of the last one alone are held: the blocks before it are not run again.
        """
        outputs: list[Any] = []

        def around(forward: Call, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
            output = forward(*args, **kwargs)
            if len(outputs) < count:  # the next block may change what it is given in place
                held = torch.clone if len(outputs) == count - 1 else _none
                outputs.append(with_first(output, held))
            return output

        with surrounded(self.modules, around):
            yield outputs

    @contextmanager
    def resumed(self, outputs: list[Any]) -> Iterator[None]:
        """While open, one forward pass of the same batch takes recorded outputs in place of its first calls."""
        call = 0

        def around(forward: Call, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
            nonlocal call
            call += 1
            if call > len(outputs):
                return forward(*args, **kwargs)
            states = cast(Tensor, first_tensor(outputs[-1]))
            return with_first(outputs[call - 1], lambda _: states.clone() if call == len(outputs) else states)

        with surrounded(self.modules, around):
            yield


def _none(states: Tensor) -> Tensor:
    return states.new_empty(0)


@dataclass
class _Traffic:
    """The states that a forward pass sent through the modules of one list, in order."""

    path: str
    modules: tuple[nn.Module, ...]
    entered: list[Tensor]
    left: list[Tensor]
    called: list[nn.Module]

    def enter(self, module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Before a call. States are cloned, as a block may change them in place."""
        self.called.append(module)
        states = entering(args, kwargs)
        if states is not None:
            self.entered.append(states.clone())

    def leave(self, module: nn.Module, args: tuple[Any, ...], output: Any) -> None:
        """After a call."""
        states = first_tensor(output)
        if states is not None:
            self.left.append(states.clone())

    def is_a_stream(self) -> bool:
        """Whether each module's output enters the next: not so in a list of attentions or of norms."""
        pairs = list(zip(self.left, self.entered[1:], strict=False))
        return not pairs or any(torch.equal(left, entered) for left, entered in pairs)

    def fits(self, layers: int) -> bool:
        """Whether the modules are called once for each layer, or each is one layer of which some are passed over."""
        if not len(self.entered) == len(self.left) == len(self.called) or not self.is_a_stream():
            return False
        once = len(set(map(id, self.called))) == len(self.called)
        return len(self.called) == layers or (once and len(self.modules) == layers)

    def blocks(self) -> Blocks:
        """Those that were called."""
        called = tuple(module for module in self.modules if module in self.called)
        passed_over = tuple(number for number, module in enumerate(self.modules, 1) if module not in self.called)
        return Blocks(called, len(self.called), passed_over)

    def parameters(self) -> int:
        return sum(parameter.numel() for module in self.modules for parameter in module.parameters())


def find_blocks(stack: nn.Module, layers: int, forward: Callable[[], object]) -> Blocks:
    """The blocks of a stack: the outermost module list that one forward pass calls `layers` times and streams through.

    Where no list is called as often, blocks may have been passed over: Llama 3.2 Vision leaves those out that attend to
    an image where there is none. Then the list that has `layers` modules is taken, and of it those that are called.

    Args:
        stack: the part of the model whose residual stream is read.
        layers: the number of hidden layers that the model's config states.
        forward: runs the stack once on a few tokens.

    Raises:
        ModelError: no list of modules fits.
    """
    seen = _watch(stack, forward)
    fitting = [traffic for traffic in seen if traffic.fits(layers)]
    fitting = [traffic for traffic in fitting if len(traffic.called) == layers] or fitting
    if not fitting:
        found = ", ".join(f"{traffic.path} ({len(traffic.called)})" for traffic in seen[:8]) or "none"
        raise ModelError(
            f"A model has a list of blocks that a pass calls once for each of its {layers} hidden layers",
            f"{type(stack).__name__} has no such list; its lists and their calls: {found}",
            "This architecture cannot be scanned",
        )
    # Of lists that fit, the one with most parameters; an outer list comes before the lists inside its blocks.
    return max(fitting, key=_Traffic.parameters).blocks()


def _watch(stack: nn.Module, forward: Callable[[], object]) -> list[_Traffic]:
    """The traffic of every module list that states passed through in one forward pass."""
    lists = [
        _Traffic(path, tuple(dict.fromkeys(module)), [], [], [])
        for path, module in stack.named_modules()
        if isinstance(module, nn.ModuleList)
    ]
    with ExitStack() as taps:
        for traffic in lists:
            taps.enter_context(tapped(traffic.modules, traffic.enter, traffic.leave))
        forward()
    return [traffic for traffic in lists if traffic.called]


def remove(handles: list[RemovableHandle]) -> None:
    """Removes hooks."""
    for handle in handles:
        handle.remove()


def as_stream(states: Tensor, texts: int) -> Tensor:
    """States (texts, length, width), also of a module that flattens the texts, as OPT's feed-forward does."""
    return states.reshape(texts, -1, states.shape[-1]) if states.dim() == 2 else states
