"""A model compiled with its weights frozen into it, for scans long enough to pay for the compiling."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from types import TracebackType

import torch
from torch import Tensor

from ingest.extract.products import Products, operations
from ingest.extract.readout import Pooler, Run, plain
from ingest.model.anatomy.passes import repeatable
from ingest.model.device import is_out_of_memory
from ingest.model.loading import LoadedModel
from mri_core.errors import ModelError

WIDTH_STEP = 16  # lengths are padded to a multiple: whole vectors, and fewer shapes
# Rough values for a processor with two cores. Constants, not measurements, so that the same settings always decide
# alike whether to compile, however busy the machine is.
OPERATIONS_A_SECOND = {"float32": 2e11, "bfloat16": 4e11, "float16": 4e11}
COMPILING_SECONDS = 7  # a block
SHARE_SAVED = {"float32": 0.08, "bfloat16": 0.3, "float16": 0.3}
CLEARLY = 1.5


class Runner:
    """Runs batches, compiled or not.

    Args:
        model: loaded; nothing else may run it meanwhile.
        pooler: of the scan.
        wanted: `on`, `off`, or `auto`, which compiles if `worth_it` and continues uncompiled if that fails.
        worth_it: whether compiling pays.
        products: of an uncompiled model.
    """

    def __init__(self, model: LoadedModel, pooler: Pooler, wanted: str, products: Products, *, worth_it: bool) -> None:
        self._insists, self._stack, self._proven = wanted == "on", ExitStack(), False
        self._plain = products.computing(plain(model, pooler))
        if wanted == "on" and not model.respects_padding_mask:
            raise _not_compiled(f"{model.source.name} has no mask for padding, without which every length is compiled")
        self.compiled = wanted == "on" or (wanted == "auto" and worth_it and model.respects_padding_mask)
        self._run = self._stack.enter_context(_compiled(model, pooler)) if self.compiled else self._plain

    def __enter__(self) -> Runner:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def __call__(self, ids: Tensor, attended: Tensor, positions: Tensor) -> Tensor:
        """A batch, as `ingest.extract.readout.Run` takes it; the first one compiles.

        Raises:
            ModelError: the model fails, or cannot be compiled with `wanted` on.
        """
        try:
            together = self._run(ids, attended, positions)
        except Exception as error:  # each layer of a compiler has its own errors
            if not self.compiled or self._proven or is_out_of_memory(error):
                raise
            if self._insists:
                raise _not_compiled(textwrap.shorten(str(error), 200, placeholder=" …")) from error
            self._stack.close()
            self.compiled, self._run = False, self._plain
            return self._plain(ids, attended, positions)
        self._proven = True
        return together


def pays(model: LoadedModel, characters: float) -> bool:
    """Whether compiling clearly shortens a scan of so many characters, its own time included."""
    if model.place.device != "cpu" or model.place.split:
        return False
    seconds = operations(model, characters) / OPERATIONS_A_SECOND[model.place.dtype]
    return SHARE_SAVED[model.place.dtype] * seconds > CLEARLY * COMPILING_SECONDS * model.site.calls


@contextmanager
def _compiled(model: LoadedModel, pooler: Pooler) -> Iterator[Run]:
    """Gives what `plain` gives, compiled; the site's reader stays in place, as it is part of what is compiled."""
    import torch._inductor.config as inductor

    def forward(ids: Tensor, attended: Tensor, positions: Tensor) -> Tensor:
        pooler.begin(positions)
        model.stack(input_ids=ids, attention_mask=attended.long())
        return pooler.together()

    quick: Callable[..., Tensor] = torch.compile(forward, dynamic=True)
    freezing: AbstractContextManager[None] = inductor.patch(freezing=True)

    def run(ids: Tensor, attended: Tensor, positions: Tensor) -> Tensor:
        padding = (0, -ids.shape[1] % WIDTH_STEP, 0, int(len(ids) == 1))  # a batch of one would be compiled again
        ids, attended, wide = (torch.nn.functional.pad(part, padding) for part in (ids, attended, positions))
        if len(ids) > len(positions):
            attended[1], wide[1] = attended[0], wide[0]
        with torch.no_grad(), freezing, nullcontext() if model.is_fixed else repeatable(model.stack):
            return quick(ids, attended, wide)[: len(positions)]

    with model.site.read_by(pooler):
        yield run


def _not_compiled(fact: str) -> ModelError:
    remedy = "Take --compile auto or off, or install a C++ compiler if there is none"
    return ModelError("--compile on compiles the model", fact, remedy)
