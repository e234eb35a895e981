"""Matrix products on a processor by the quicker of the two libraries that PyTorch has, measured at the start of a scan.

PyTorch leaves products of float32 to the BLAS that it was built with, mostly MKL, which on some processors runs at less
than half of their speed, and carries oneDNN for other types. oneDNN multiplies float32 too, if it is asked to.
"""

from __future__ import annotations

import textwrap
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from ingest.extract.records import Library
from ingest.model.device import is_out_of_memory
from ingest.model.loading import LoadedModel
from mri_core.errors import MriError

CHARACTERS_A_TOKEN = 4
OPERATIONS = 1_500_000_000  # of one measured product: some hundredths of a second
WORTH_IT = 20  # times the operations of the measurement a scan needs at least
ROWS = (16, 1_024)  # of it, at least and at most
TURNS = 5
CLEARLY = 1.05  # times as fast; a smaller gain may be noise
TOLERANCE = 1e-5  # relative difference of a product by the two libraries


class Products:
    """Computes a scan's batches with the products of the quicker library.

    Args:
        choose: the quicker library; called before the first batch, and never for a compiled model.
        notify: receives a line if oneDNN fails on the model, whose batches then have the BLAS' products.
    """

    def __init__(self, choose: Callable[[], Library], notify: Callable[[str], object]) -> None:
        self._choose, self._notify = choose, notify
        self._library: Library | None = None
        self._used: set[Library] = set()

    @property
    def used(self) -> str | None:
        """The libraries that batches were computed by; None if there were none."""
        return " and ".join(sorted(self._used)) or None

    @property
    def library(self) -> Library:
        """The library, chosen now if it was not yet."""
        self._library = self._library or self._choose()
        return self._library

    def computing(self, run: Callable[..., Tensor]) -> Callable[..., Tensor]:
        """The function, with these products."""

        def computed(*batch: Tensor) -> Tensor:
            found = self._by_onednn(run, batch) if self.library == "onednn" else run(*batch)
            self._used.add(self.library)
            return found

        return computed

    def _by_onednn(self, run: Callable[..., Tensor], batch: tuple[Tensor, ...]) -> Tensor:
        try:
            with OneDnn():
                return run(*batch)
        except (MriError, RuntimeError) as error:
            if is_out_of_memory(error):
                raise
            found = run(*batch)  # raises again what is no fault of the products
            reason = textwrap.shorten(str(error), 200, placeholder=" …")
        self._library = "blas"
        self._notify(f"oneDNN's products fail on this model: going on with those of PyTorch's BLAS. {reason}")
        return found


class OneDnn(TorchFunctionMode):
    """While open, products of float32 rows with weights on the processor are computed by oneDNN.

    Of linear layers, of GPT-2's `Conv1D`, and of experts whose weights are one tensor.
    """

    def __torch_function__(
        self, func: Any, types: Iterable[type], args: tuple[Any, ...] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        found = REPLACED[func](*args, **kwargs) if func in REPLACED else None
        return func(*args, **kwargs) if found is None else found


def quickest(model: LoadedModel, characters: float) -> Library:
    """The library whose products take clearly less time here, by the weights that most of the model's blocks hold.

    Args:
        model: loaded.
        characters: of the scan; for few, nothing is measured.
    """
    weight, measured = _commonest(model), 2 * (TURNS + 1) * OPERATIONS
    there: bool = torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
    if weight is None or not there or model.place.is_autocast or operations(model, characters) < WORTH_IT * measured:
        return "blas"
    try:
        return _quicker(weight.detach())
    except RuntimeError:  # of a processor that oneDNN has no kernel for
        return "blas"


def operations(model: LoadedModel, characters: float) -> float:
    """Rough number of operations with the blocks' weights in a scan of so many characters."""
    weights = sum(weights.numel() for block in model.site.modules for weights in block.parameters())
    return 2 * weights * characters / CHARACTERS_A_TOKEN


@torch.inference_mode()
def _quicker(weight: Tensor) -> Library:
    """Measures a product with the weight (outputs, inputs) in turns."""
    count = min(max(OPERATIONS // (2 * weight.numel()), ROWS[0]), ROWS[1])
    rows = torch.randn(count, weight.shape[1], generator=torch.Generator().manual_seed(0))
    ways: tuple[AbstractContextManager[Any], ...] = (nullcontext(), OneDnn())
    products, seconds = [], []
    for way in ways:
        with way:
            products.append(functional.linear(rows, weight))  # the first prepares a kernel
    apart = torch.linalg.norm(products[0] - products[1])
    if not apart <= TOLERANCE * torch.linalg.norm(products[0]):
        return "blas"
    for _ in range(TURNS):
        for way in ways:
            start = time.perf_counter()
            with way:
                functional.linear(rows, weight)
            seconds.append(time.perf_counter() - start)
    return "onednn" if min(seconds[::2]) > CLEARLY * min(seconds[1::2]) else "blas"


def _commonest(model: LoadedModel) -> Tensor | None:
    """A weight (outputs, inputs) of the shape that most parameters of the blocks belong to; None if none is float32."""
    of_shape: dict[torch.Size, Tensor] = {}
    numbers: Counter[torch.Size] = Counter()
    for block in model.site.modules:
        for weight in block.parameters():
            if weight.dim() in (2, 3) and weight.dtype == torch.float32 and weight.device.type == "cpu":
                matrix = weight if weight.dim() == 2 else weight[0]  # of the first expert
                of_shape.setdefault(matrix.shape, matrix)
                numbers[matrix.shape] += weight.numel()
    return of_shape[numbers.most_common(1)[0][0]] if numbers else None


def _linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor | None:
    """As `torch.nn.functional.linear`; None for what is left to PyTorch."""
    if weight.dim() != 2 or not _fit(input, weight, bias):
        return None
    if bias is not None and bias.shape != weight.shape[:1]:  # oneDNN fails on others, or adds nothing for a scalar
        return None
    found: Tensor = torch.ops.mkldnn._linear_pointwise(input, weight, bias, "none", [], "")
    return found


def _addmm(input: Tensor, mat1: Tensor, mat2: Tensor, **scales: Any) -> Tensor | None:
    """As `torch.addmm`, by which `Conv1D` computes."""
    return None if scales or mat1.dim() != 2 else _linear(mat1, mat2.t(), input)


def _grouped(input: Tensor, mat2: Tensor, offs: Tensor | None = None, **options: Any) -> Tensor | None:
    """As `torch._grouped_mm` of rows (rows, inputs) with experts' weights (experts, inputs, outputs)."""
    if offs is None or (input.dim(), mat2.dim()) != (2, 3) or any(value is not None for value in options.values()):
        return None
    ends = offs.tolist()
    if not ends or ends[-1] != len(input):
        return None
    parts = zip([0, *ends], ends, mat2, strict=False)
    products = [_linear(input[start:end], weight.t()) for start, end, weight in parts if end > start]
    whole = [product for product in products if product is not None]
    return torch.cat(whole) if whole and len(whole) == len(products) else None


def _fit(*tensors: Tensor | None) -> bool:
    """Whether a product of these is oneDNN's: of plain float32 tensors on the processor, some rows at least."""
    return not torch.is_autocast_enabled("cpu") and all(
        tensor is None
        or (
            tensor.dtype == torch.float32
            and tensor.device.type == "cpu"
            and tensor.layout == torch.strided
            and tensor.numel() > 0
            and type(tensor) in (Tensor, torch.nn.Parameter)
        )
        for tensor in tensors
    )


REPLACED: dict[Any, Callable[..., Tensor | None]] = {functional.linear: _linear, torch.addmm: _addmm}
if hasattr(torch, "_grouped_mm"):  # from PyTorch 2.8
    REPLACED[torch._grouped_mm] = _grouped
