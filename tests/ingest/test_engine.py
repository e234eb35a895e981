"""What the engine adds to a scan: smaller types, accelerators, full memory, threads, windows tokenised ahead."""

import threading
from itertools import count

import numpy as np
import pytest
import torch

from ingest.extract import batches
from ingest.extract.prefetch import PIECE, tokenised
from ingest.model.device import Place
from mri_core.errors import ModelError
from mri_core.records.corpus import Document
from tests.ingest.extract.test_extraction import DOCUMENTS, TEXTS, loaded, scanned
from tests.ingest.refusal import refused

CUDA = pytest.mark.skipif(not torch.cuda.is_available(), reason="There is no CUDA device")


def layers(found):
    return [np.array(layer) for layer in found.activations.layers]


def with_room_for(model, tokens):
    """Every later batch of more padded tokens runs out of memory."""

    def check(module, args, kwargs):
        if kwargs["input_ids"].numel() > tokens:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 1 GiB.")

    model.stack.register_forward_pre_hook(check, with_kwargs=True)


def test_out_of_memory_halves_the_batches_until_they_fit_and_says_so(tiny, tmp_path):
    lines, model = [], loaded(tiny("bert"))
    whole = scanned(model, tmp_path / "1")
    with_room_for(model, 80)
    found = scanned(model, tmp_path / "2", notify=lines.append)
    assert found.conditions.batch_tokens <= 80
    assert len(lines) >= 2
    assert all("Out of memory" in line for line in lines)
    assert str(found.conditions.batch_tokens) in lines[-1]
    for one, other in zip(layers(whole), layers(found), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)
    np.testing.assert_array_equal(whole.facts.table(), found.facts.table())


def test_a_text_that_alone_does_not_fit_into_memory_is_refused_in_one_line(tiny, tmp_path):
    model = loaded(tiny("bert"))
    with_room_for(model, 8)
    with refused("--max-length", "does not", kind=ModelError):
        scanned(model, tmp_path)


def test_an_error_of_the_model_that_is_not_of_memory_is_not_tried_again(tiny, tmp_path):
    model, calls = loaded(tiny("bert")), []

    def fail(module, args):
        calls.append(module)
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")

    model.stack.register_forward_pre_hook(fail)
    with refused("cannot be multiplied", kind=ModelError):
        scanned(model, tmp_path)
    assert len(calls) == 1


@pytest.mark.parametrize("kind", ["bert", "gpt2", "t5"])
def test_bfloat16_gives_nearly_the_rows_of_float32_and_is_pooled_in_float32(kind, tiny, tmp_path):
    exact = scanned(loaded(tiny(kind)), tmp_path / "1")
    found = scanned(loaded(tiny(kind), place=Place("cpu", "bfloat16")), tmp_path / "2")
    assert found.conditions.dtype == "bfloat16"
    different = False
    for one, other in zip(layers(exact), layers(found), strict=True):
        assert np.linalg.norm(one - other) < 0.02 * np.linalg.norm(one)
        different |= bool((one != other).any())
    assert different
    last = torch.from_numpy(layers(found)[-1])
    assert (last != last.bfloat16().float()).any()


def test_threads_change_nothing_but_rounding(tiny, tmp_path):
    before, found = torch.get_num_threads(), []
    try:
        for threads in (1, 2):
            torch.set_num_threads(threads)
            found.append(scanned(loaded(tiny("llama")), tmp_path / str(threads)))
            assert found[-1].conditions.threads == threads
    finally:
        torch.set_num_threads(before)
    for one, other in zip(*map(layers, found), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)


def test_windows_come_in_order_with_their_texts_tokenised(tiny, tmp_path, monkeypatch):
    whole = scanned(loaded(tiny("bert")), tmp_path / "1")
    monkeypatch.setattr(batches, "WINDOW_DOCUMENTS", 2)
    found = scanned(loaded(tiny("bert")), tmp_path / "2")
    for one, other in zip(layers(whole), layers(found), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)


def windows(number):
    return iter([[Document(place, "a", TEXTS[0], "")] for place in range(number)])


def test_one_window_is_tokenised_while_the_one_before_is_in_use():
    second = threading.Event()
    calls = count(1)

    def encode(texts):
        if next(calls) == 2:
            second.set()
        return list(texts)

    with tokenised(windows(3), encode) as coming:
        assert next(coming)[1] == [TEXTS[0]]
        assert second.wait(10)
        assert len(list(coming)) == 2


def test_what_a_tokenizer_raises_reaches_the_scan_and_no_thread_is_left():
    def encode(texts):
        raise ModelError("A tokenizer knows its tokens", "This one does not")

    with refused("This one does not", kind=ModelError), tokenised(windows(1), encode) as coming:
        next(coming)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("tokenise")]


def test_a_scan_that_is_given_up_waits_for_one_piece_only():
    begun, pieces = threading.Event(), []

    def encode(texts):
        pieces.append(len(texts))
        if len(pieces) == 2:
            begun.set()
            gone.wait(10)
        return list(texts)

    gone = threading.Event()
    long = [Document(place, "a", "x", "") for place in range(10 * PIECE)]
    stream = iter([[DOCUMENTS[0]], long])

    def give_up():
        with tokenised(stream, encode) as coming:
            next(coming)
            assert begun.wait(10)
            threading.Timer(0.2, gone.set).start()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        give_up()
    assert pieces == [1, PIECE]


@CUDA
@pytest.mark.parametrize("kind", ["bert", "gpt2", "t5"])
def test_cuda_gives_the_rows_of_the_cpu(kind, tiny, tmp_path):
    exact = scanned(loaded(tiny(kind)), tmp_path / "1")
    found = scanned(loaded(tiny(kind), place=Place("cuda", "float32")), tmp_path / "2")
    assert (found.conditions.device, found.conditions.dtype) == ("cuda", "float32")
    for one, other in zip(layers(exact), layers(found), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-3)
    np.testing.assert_array_equal(exact.facts.table(), found.facts.table())


@CUDA
@pytest.mark.parametrize(("dtype", "kept"), [("bfloat16", "bfloat16"), ("checkpoint", "float32")])
def test_cuda_loads_the_weights_in_the_type_asked_for(dtype, kept, tiny, tmp_path):
    exact = scanned(loaded(tiny("bert")), tmp_path / "1")
    model = loaded(tiny("bert"), place=Place("cuda", dtype))
    assert next(model.stack.parameters()).dtype == getattr(torch, kept)
    assert (model.causal, model.respects_padding_mask) == (False, True)
    found = scanned(model, tmp_path / "2")
    assert found.conditions.dtype == kept
    for one, other in zip(layers(exact), layers(found), strict=True):
        assert np.linalg.norm(one - other) < 0.03 * np.linalg.norm(one)


@CUDA
def test_cuda_out_of_memory_goes_on_with_smaller_batches(tiny, tmp_path):
    lines, model = [], loaded(tiny("bert"), place=Place("cuda", "float32"))
    with_room_for(model, 80)
    found = scanned(model, tmp_path, notify=lines.append)
    assert lines
    assert np.isfinite(layers(found)[0]).all()
