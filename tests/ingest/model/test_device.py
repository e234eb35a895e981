"""What --device and --dtype come to, with the accelerators that this machine has, if any."""

import subprocess
import sys

import pytest
import torch

from ingest.model.device import Place, find_place, is_out_of_memory, may_have_accelerator
from mri_core.errors import UsageError
from tests.ingest.refusal import refused

ANY = torch.cuda.is_available() or torch.backends.mps.is_available()


def test_a_cpu_computes_in_float32_unless_told_otherwise():
    assert find_place("cpu", "auto") == Place("cpu", "float32")
    assert find_place("cpu", "bfloat16") == Place("cpu", "bfloat16")


def test_auto_takes_an_accelerator_with_the_checkpoints_own_type_where_there_is_one():
    found = find_place("auto", "auto")
    assert (found.device != "cpu") == ANY
    assert found.dtype == ("checkpoint" if ANY else "float32")


@pytest.mark.parametrize("device", ["cuda", "mps"])
def test_a_device_that_is_not_there_is_refused(device):
    if {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}[device]:
        pytest.skip(f"This machine has {device}")
    with refused("a device that is there", device, "--device cpu", kind=UsageError):
        find_place(device, "auto")


@pytest.mark.skipif(may_have_accelerator(), reason="This machine may have an accelerator, which torch is asked for")
def test_where_no_accelerator_can_be_torch_is_not_imported_to_find_that_out():
    code = (
        "import sys; from ingest.model.device import find_place; find_place('auto', 'auto');"
        "print('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "False\n"


@pytest.mark.parametrize("device", ["nvidiactl", "dxg", "kfd"])
def test_a_drivers_file_is_what_tells_that_an_accelerator_may_be_there(device, tmp_path, monkeypatch):
    monkeypatch.setattr("platform.system", lambda: "Linux")
    assert not may_have_accelerator(tmp_path)
    (tmp_path / device).touch()
    assert may_have_accelerator(tmp_path)


@pytest.mark.parametrize(("system", "machine", "may"), [("Darwin", "arm64", True), ("Darwin", "x86_64", False)])
def test_macs_may_have_one_if_they_are_of_apples_make(system, machine, may, monkeypatch):
    monkeypatch.setattr("platform.system", lambda: system)
    monkeypatch.setattr("platform.machine", lambda: machine)
    assert may_have_accelerator() == may


def test_float16_is_refused_on_a_cpu_without_instructions_for_it(monkeypatch):
    monkeypatch.setattr(torch.backends.mkldnn, "is_available", lambda: False)
    with refused("float16", "bfloat16", kind=UsageError):
        Place("cpu", "float16").check()
    Place("cpu", "bfloat16").check()


def test_the_allocators_own_error_is_told_from_others():
    with pytest.raises(RuntimeError) as caught:
        torch.empty(2**60)
    assert is_out_of_memory(caught.value)
    assert is_out_of_memory(torch.OutOfMemoryError("full"))
    with pytest.raises(RuntimeError) as caught:
        torch.zeros(2, 3) @ torch.zeros(2, 3)
    assert not is_out_of_memory(caught.value)
    assert not is_out_of_memory(ValueError("out of memory"))
