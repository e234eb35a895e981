"""Hooks on the inputs and outputs of modules that work however a module is called."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from copy import copy
from functools import wraps
from typing import Any

from torch import Tensor, nn

Before = Callable[[nn.Module, tuple[Any, ...], dict[str, Any]], None]
After = Callable[[nn.Module, tuple[Any, ...], Any], None]
Call = Callable[..., Any]
Around = Callable[[Call, tuple[Any, ...], dict[str, Any]], Any]


@contextmanager
def tapped(modules: Sequence[nn.Module], before: Before | None, after: After | None) -> Iterator[None]:
    """While open, `before` and `after` are called around every call of these modules.

    torch's hooks see `module(…)` only. SqueezeBERT calls `module.forward(…)`, which bypasses them: so `forward` itself
    is wrapped here.

    Args:
        modules: each is wrapped once for each time that it is given.
        before: is given the module and what it is called with.
        after: is given the module, its positional arguments and its output.
    """
    with ExitStack() as stack:
        for module in modules:
            stack.enter_context(_wrapped(module, _showing(module, before, after)))
        yield


@contextmanager
def surrounded(modules: Sequence[nn.Module], around: Around) -> Iterator[None]:
    """While open, `around` answers every call of these modules: it is given the call and its arguments.

    Args:
        modules: each is wrapped once for each time that it is given.
        around: calls what it is given, or leaves that out.
    """
    with ExitStack() as stack:
        for module in modules:
            stack.enter_context(_wrapped(module, around))
        yield


def _showing(module: nn.Module, before: Before | None, after: After | None) -> Around:
    def shown(forward: Call, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if before is not None:
            before(module, args, kwargs)
        output = forward(*args, **kwargs)
        if after is not None:
            after(module, args, output)
        return output

    return shown


@contextmanager
def _wrapped(module: nn.Module, around: Around) -> Iterator[None]:
    forward, own = module.forward, "forward" in vars(module)

    @wraps(forward)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        return around(forward, args, kwargs)

    module.forward = wrapped
    try:
        yield
    finally:
        if own:
            module.forward = forward
        else:
            del module.forward


def compute_within(modules: Sequence[nn.Module], lowered: Callable[[], AbstractContextManager[Any]]) -> None:
    """Makes these modules compute in a lower type from float32 states.

    Under autocast a linear map outputs the lower type, and sums take the type of the wider of their terms. So a linear
    map right after an embedding (ALBERT, ELECTRA) would make the whole stream after it as coarse: modules outside of
    the blocks, which are cheap, are computed in float32.

    Args:
        modules: blocks.
        lowered: opens the lower type.
    """
    for module in modules:
        module.forward = _computing(module.forward, lowered)


def _computing(forward: Callable[..., Any], lowered: Callable[[], AbstractContextManager[Any]]) -> Callable[..., Any]:
    @wraps(forward)
    def computing(*args: Any, **kwargs: Any) -> Any:
        if args and isinstance(args[0], Tensor):
            args = (args[0].float(), *args[1:])
        elif isinstance(kwargs.get("hidden_states"), Tensor):
            kwargs["hidden_states"] = kwargs["hidden_states"].float()
        with lowered():
            return forward(*args, **kwargs)

    return computing


def entering(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Tensor | None:
    """The states that a block is called with: by position, by the usual name, or by whatever name comes first."""
    if args:
        return first_tensor(args[0])
    states = first_tensor(kwargs.get("hidden_states"))
    named = (value for value in kwargs.values() if isinstance(value, Tensor) and value.is_floating_point())
    return next(named, None) if states is None else states


def first_tensor(value: Any) -> Tensor | None:
    """The states themselves: a block's output may come in a tuple, a list or a mapping with caches and attentions."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, (tuple, list)) and value:
        value = value[0]
    return value if isinstance(value, Tensor) else None


def with_entering(
    args: tuple[Any, ...], kwargs: dict[str, Any], change: Callable[[Tensor], Tensor]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The arguments of a call, with the states that `entering` finds changed."""
    if args:
        return (with_first(args[0], change), *args[1:]), kwargs
    states = entering(args, kwargs)
    name = next(name for name, value in kwargs.items() if first_tensor(value) is states)
    return args, kwargs | {name: with_first(kwargs[name], change)}


def with_first(value: Any, change: Callable[[Tensor], Tensor]) -> Any:
    """A block's output with the states that `first_tensor` finds changed; nothing is changed in place."""
    if isinstance(value, Tensor):
        return change(value)
    if isinstance(value, Mapping):
        changed = copy(value)
        name = next(iter(value))
        changed[name] = change(value[name])  # type: ignore[index]
        return changed
    several = [change(value[0]), *value[1:]]
    return type(value)(*several) if hasattr(value, "_fields") else type(value)(several)
