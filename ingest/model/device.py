"""The device and type that a model computes in, as requested or detected; and out-of-memory errors."""

from __future__ import annotations

import platform
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from mri_core.errors import UsageError

if TYPE_CHECKING:  # a repeated run resolves a place and runs nothing there, if possible without torch
    import torch

Device = Literal["auto", "cpu", "cuda", "mps"]
Dtype = Literal["auto", "float32", "bfloat16", "float16"]
Compiling = Literal["auto", "on", "off"]
Engine = Literal["local", "ray"]

BATCH_TOKENS = {"cpu": 4_096, "cuda": 32_768, "mps": 8_192}
ACCELERATOR_FILES = ("nvidia*", "dxg", "kfd")  # in /dev of Linux: CUDA, CUDA under Windows, ROCm
FULL_MEMORY = ("out of memory", "out_of_memory", "not enough memory", "can't allocate memory", "bad_alloc")


@dataclass(frozen=True)
class Place:
    """Where a model runs.

    Attributes:
        device: `cpu`, `cuda` or `mps`.
        dtype: what matrix products are computed in; `checkpoint` for the type that the weights are stored in.
        split: the model is spread over all cards of the device, memory and the disk (`ingest.model.split`).
        split_memory: GiB that its weights take at most on each card, without cards in memory; None for what is free.
    """

    device: str = "cpu"
    dtype: str = "float32"
    split: bool = False
    split_memory: float | None = None

    @property
    def batch_tokens(self) -> int:
        """Default number of padded tokens in a batch."""
        return BATCH_TOKENS[self.device]

    @property
    def weights(self) -> Any:
        """The type that weights are loaded in, for `from_pretrained`: float32 on a CPU, which autocast lowers."""
        import torch

        if self.device == "cpu":
            return torch.float32
        return "auto" if self.dtype == "checkpoint" else getattr(torch, self.dtype)

    @property
    def is_autocast(self) -> bool:
        """Whether matrix products are computed in a lower type than that of the weights: on a CPU only."""
        return self.device == "cpu" and self.dtype != "float32"

    def lowered(self) -> AbstractContextManager[Any]:
        """While open, a CPU computes matrix products in the type."""
        import torch

        return torch.autocast("cpu", getattr(torch, self.dtype))

    def computing(self) -> AbstractContextManager[Any]:
        """Open around a whole scan: weights that were lowered for one batch are cached for the next.

        Not those of a split model: weights that are read again for each call would all stay in that cache.

        Matrix products are computed in the type within blocks only (`ingest.model.anatomy.taps.compute_within`), so
        that the residual stream stays in float32.
        """
        import torch

        caching = self.is_autocast and not self.split
        return torch.autocast("cpu", torch.bfloat16, enabled=False) if caching else nullcontext()

    def check(self) -> None:
        """Refuse types that the processor cannot compute in.

        Raises:
            UsageError: float16 on a CPU without instructions for it.
        """
        import torch

        if (self.device, self.dtype) != ("cpu", "float16"):
            return
        there: bool = torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
        if not (there and torch.ops.mkldnn._is_mkldnn_fp16_supported()):
            raise UsageError(
                "A CPU computes in float16 where it has instructions for it", "This one has none", "Take bfloat16"
            )


CPU = Place()


def find_place(device: str, dtype: str) -> Place:
    """Resolves `--device` and `--dtype` on this machine: an accelerator if there is one.

    Torch is imported only where there may be one.

    Raises:
        UsageError: the device is not there.
    """
    return place_on(_find_device(device), dtype)


def place_on(device: str, dtype: str) -> Place:
    """A device with the type of `--dtype`: by default float32 on a CPU, else the checkpoint's own."""
    if dtype != "auto":
        return Place(device, dtype)
    return Place(device, "float32" if device == "cpu" else "checkpoint")


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an allocation failed, on whatever device: allocators of CPUs and of MPS raise a plain `RuntimeError`."""
    import torch

    if isinstance(error, (MemoryError, torch.OutOfMemoryError)):
        return True
    return isinstance(error, RuntimeError) and any(sign in str(error).lower() for sign in FULL_MEMORY)


def empty_cache(device: str) -> None:
    """Frees cached accelerator memory that is too fragmented for the next batch."""
    import torch

    if device != "cpu":
        getattr(torch, device).empty_cache()


def type_name(dtype: torch.dtype) -> str:
    """Such as `float32`."""
    return str(dtype).removeprefix("torch.")


def may_have_accelerator(folder: Path = Path("/dev")) -> bool:
    """Whether there may be an accelerator, so that torch must be asked: never False if there is one."""
    system = platform.system()
    if system == "Linux":
        return any(next(folder.glob(name), None) for name in ACCELERATOR_FILES)
    return system != "Darwin" or platform.machine() == "arm64"


def _find_device(wanted: str) -> str:
    if wanted == "cpu" or (wanted == "auto" and not may_have_accelerator()):
        return "cpu"
    import torch

    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if wanted == "auto":
        return next(name for name, is_there in there.items() if is_there)
    if not there[wanted]:
        built = getattr(torch.backends, wanted).is_built()
        fact = f"There is no {wanted} device" if built else f"PyTorch {torch.__version__} was built without {wanted}"
        raise UsageError("A model runs on a device that is there", fact, "Take --device cpu or auto")
    return wanted
