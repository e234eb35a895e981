"""Products by oneDNN are PyTorch's own to rounding, for every family of models, and a scan never fails by them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import torch
from torch.nn import functional
from torch.overrides import _get_current_function_mode_stack
from torch.utils._python_dispatch import TorchDispatchMode

from ingest.cache import row_files
from ingest.cache.row_files import RowFolder
from ingest.extract import reader
from ingest.extract.products import OneDnn, Products, quickest
from ingest.model.device import Place
from mri_core.errors import ModelError
from tests.ingest.extract.test_extraction import loaded, scanned
from tests.models import KINDS

LONG = 10**12  # characters of a scan for which measuring pays
FAMILIES = sorted(KINDS)


@pytest.fixture(autouse=True)
def _inference() -> Iterator[None]:
    """Products are computed as in a scan, without gradients."""
    with torch.inference_mode():
        yield


@pytest.mark.parametrize("kind", FAMILIES)
def test_rows_by_onednn_are_those_of_the_plain_model(kind, tiny, tmp_path):
    model = loaded(tiny(kind))
    plain = scanned(model, tmp_path / "plain")
    with OneDnn():
        found = scanned(model, tmp_path / "found")
    for one, other in zip(plain.activations.layers, found.activations.layers, strict=True):
        assert np.linalg.norm(one - other) <= 1e-5 * np.linalg.norm(one)


class Counted(TorchDispatchMode):
    """Counts the products that reach oneDNN."""

    def __init__(self):
        super().__init__()
        self.count = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        self.count += func is torch.ops.mkldnn._linear_pointwise.default
        return func(*args, **(kwargs or {}))


@pytest.mark.parametrize(
    ("module", "products"),
    [
        (torch.nn.Linear(6, 4), 1),
        (torch.nn.Linear(6, 4, bias=False), 1),
        (torch.nn.Sequential(torch.nn.Linear(6, 8), torch.nn.GELU(), torch.nn.Linear(8, 4)), 2),
        (torch.nn.Linear(6, 4).double(), 0),
        (torch.nn.Linear(6, 4).bfloat16(), 0),
    ],
)
def test_linear_layers_of_float32_are_onednns_and_no_others(module, products):
    rows = torch.randn(3, 5, 6).to(next(module.parameters()).dtype)
    with OneDnn(), Counted() as counted:
        found = module(rows)
    assert counted.count == products
    torch.testing.assert_close(found, module(rows))


def test_conv1d_of_gpt2_and_grouped_experts_are_onednns_too():
    from transformers.pytorch_utils import Conv1D

    layer, rows = Conv1D(12, 8), torch.randn(2, 3, 8)
    experts, ends = torch.randn(4, 8, 12), torch.tensor([2, 2, 5, 6], dtype=torch.int32)
    with OneDnn(), Counted() as counted:
        found, grouped = layer(rows), torch._grouped_mm(rows.view(6, 8), experts, offs=ends)
    assert counted.count == 1 + 3  # an expert has no rows
    torch.testing.assert_close(found, layer(rows))
    torch.testing.assert_close(grouped, torch._grouped_mm(rows.view(6, 8), experts, offs=ends))


@pytest.mark.parametrize("bias", [torch.randn(1, 4), torch.randn(3, 4), torch.tensor(2.0), torch.randn(1)])
def test_a_bias_of_another_shape_is_left_to_pytorch(bias):
    rows, weight = torch.randn(3, 6), torch.randn(4, 6)
    with OneDnn():
        found = functional.linear(rows, weight, bias)
    torch.testing.assert_close(found, functional.linear(rows, weight, bias))


@pytest.mark.parametrize(
    ("rows", "weight"),
    [
        (torch.randn(2, 1, 3).expand(2, 6, 3), torch.randn(3, 4).t()),
        (torch.randn(6, 5).t(), torch.randn(4, 6)),
        (torch.randn(3), torch.randn(4, 3)),
        (torch.randn(0, 3), torch.randn(4, 3)),
    ],
)
def test_rows_of_any_layout_give_what_pytorch_gives(rows, weight):
    with OneDnn():
        found = functional.linear(rows, weight)
    torch.testing.assert_close(found, functional.linear(rows, weight))


@pytest.mark.parametrize(
    "product",
    [
        lambda rows, weight, bias: functional.linear(input=rows, weight=weight),
        lambda rows, weight, bias: functional.linear(rows, weight=weight, bias=bias),
        lambda rows, weight, bias: torch.addmm(bias, mat1=rows, mat2=weight.t()),
        lambda rows, weight, bias: torch.addmm(input=bias, mat1=rows, mat2=weight.t()),
        lambda rows, weight, bias: torch.addmm(bias, rows, weight.t(), beta=2),
    ],
)
def test_arguments_may_be_given_by_name(product):
    given = torch.randn(3, 6), torch.randn(4, 6), torch.randn(4)
    with OneDnn():
        found = product(*given)
    torch.testing.assert_close(found, product(*given))


@pytest.mark.parametrize("ends", [[2, 2, 5, 5], [0, 0, 0, 0]])
def test_rows_of_no_expert_are_left_to_pytorch(ends):
    rows, experts, ends = torch.randn(6, 8), torch.randn(4, 8, 12), torch.tensor(ends, dtype=torch.int32)
    with OneDnn():
        found = torch._grouped_mm(rows, experts, offs=ends)
    assert found.shape == (6, 12)


def test_under_autocast_products_stay_pytorchs():
    layer, rows = torch.nn.Linear(6, 4), torch.randn(3, 6)
    with torch.autocast("cpu", torch.bfloat16), OneDnn(), Counted() as counted:
        assert layer(rows).dtype == torch.bfloat16
    assert counted.count == 0


def test_a_long_scan_on_a_processor_measures_and_a_short_one_does_not(tiny):
    model = loaded(tiny("bert"))
    assert quickest(model, LONG) in ("blas", "onednn")
    assert quickest(model, 1_000) == "blas"
    assert quickest(loaded(tiny("bert"), place=Place("cpu", "bfloat16")), LONG) == "blas"


def test_the_conditions_say_whose_products_they_were(tiny, tmp_path):
    characters = np.full(7, LONG)
    found = scanned(loaded(tiny("bert")), tmp_path, characters=characters)
    assert found.conditions.products in ("blas", "onednn")


def failing_under_onednn(rows: torch.Tensor) -> torch.Tensor:
    """An operation that has no kernel there."""
    if any(isinstance(mode, OneDnn) for mode in _get_current_function_mode_stack()):
        raise RuntimeError("could not create a primitive descriptor")
    return rows + 1


def test_a_scan_that_goes_on_measures_nothing_again(tiny, tmp_path, monkeypatch):
    def refuse(model, characters):
        raise AssertionError

    class Rows(RowFolder):
        library = "onednn"

    monkeypatch.setattr(reader, "quickest", refuse)
    monkeypatch.setattr(row_files, "RowFolder", Rows)
    assert scanned(loaded(tiny("bert")), tmp_path).conditions.products == "onednn"


def test_where_onednn_fails_the_scan_goes_on_with_the_blas_and_says_so_once():
    lines: list[str] = []
    products = Products(lambda: "onednn", lines.append)
    run = products.computing(failing_under_onednn)
    assert [run(torch.zeros(2)).tolist() for _ in range(2)] == [[1, 1], [1, 1]]
    assert products.used == "blas"
    reason = "could not create a primitive descriptor"
    assert lines == [f"oneDNN's products fail on this model: going on with those of PyTorch's BLAS. {reason}"]


def test_what_fails_either_way_is_no_fault_of_onednn():
    lines: list[str] = []
    products = Products(lambda: "onednn", lines.append)

    def run(rows: torch.Tensor) -> torch.Tensor:
        raise ModelError("A model must take token ids", "It fails")

    with pytest.raises(ModelError, match="It fails"):
        products.computing(run)(torch.zeros(2))
    assert (products.used, lines) == (None, [])


def test_memory_that_runs_out_is_passed_on_for_smaller_batches():
    def run(rows: torch.Tensor) -> torch.Tensor:
        raise RuntimeError("DefaultCPUAllocator: not enough memory: you tried to allocate 4 bytes")

    products = Products(lambda: "onednn", list.append)
    with pytest.raises(RuntimeError, match="not enough memory"):
        products.computing(run)(torch.zeros(2))
    assert products.used is None
