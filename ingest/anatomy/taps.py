"""What enters a module and what leaves it, seen however the module is called."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import wraps
from typing import Any

from torch import Tensor, nn

Before = Callable[[nn.Module, tuple[Any, ...], dict[str, Any]], None]
After = Callable[[nn.Module, tuple[Any, ...], Any], None]


@contextmanager
def tapped(modules: Sequence[nn.Module], before: Before | None, after: After | None) -> Iterator[None]:
    """While open, every call of these modules is shown before and after.

    torch's hooks see `module(…)` alone. SqueezeBERT calls `module.forward(…)`, which goes past them: what is wrapped
    here is `forward` itself.

    Args:
        modules: each is wrapped once for each time that it is given.
        before: is given the module and what it is called with.
        after: is given the module, its positional arguments and its output.
    """
    with ExitStack() as stack:
        for module in modules:
            stack.enter_context(_wrapped(module, before, after))
        yield


@contextmanager
def _wrapped(module: nn.Module, before: Before | None, after: After | None) -> Iterator[None]:
    forward, own = module.forward, "forward" in vars(module)

    @wraps(forward)
    def shown(*args: Any, **kwargs: Any) -> Any:
        if before is not None:
            before(module, args, kwargs)
        output = forward(*args, **kwargs)
        if after is not None:
            after(module, args, output)
        return output

    module.forward = shown
    try:
        yield
    finally:
        if own:
            module.forward = forward
        else:
            del module.forward


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
