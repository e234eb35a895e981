"""A model run with its states changed at one layer: what changes, what does not, and by how much."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from ingest.extract.intervened import Intervened
from ingest.extract.products import REPLACED, Products
from ingest.model.device import Place
from ingest.model.loading import load, resolve
from mri_core.errors import ModelError
from mri_core.interventions.directions import Push, adding, erasing
from tests.families import FAMILIES, PECULIAR, save_family
from tests.ingest.reading import ATTENDED, IDS
from tests.models import KINDS

TEXTS = (
    "The cat sat on the mat and looked at the moon.",
    "A judge may hear.",
    "Stir the sauce slowly until soft, please.",
)
PLACES = {"products": Place("cpu", "bfloat16"), "weights": Place()}
WHOLE = {"reformer", "gemma3n"}  # one draws in each pass, the other shares attention over blocks


def intervened(model, layer, pooling="mean"):
    lines = []
    return Intervened(model, pooling, layer, lines.append), lines


def only_batch(owner):
    """All texts in one batch."""
    ((_, begun),) = owner.batches(TEXTS)
    return begun


def random_push(model, layer, strength=1.0):
    direction = np.random.default_rng(layer).standard_normal(model.widths[layer])
    return adding(direction, strength)


@pytest.mark.parametrize("name", [*KINDS, *FAMILIES, *PECULIAR])
def test_strength_0_changes_nothing_and_going_on_from_the_layer_is_a_whole_pass(name, family):
    model = load(resolve(str(family(name))), max_length=None)
    layer = 1
    owner, lines = intervened(model, layer)
    batches = [begun for _, begun in owner.batches(TEXTS)]
    assert owner.resumes == (name not in WHOLE) == (not lines)
    for begun in batches:
        unchanged = begun.changed(random_push(model, layer, 0.0)).rows
        for rows, before in zip(unchanged, begun.untouched.rows, strict=True):
            np.testing.assert_array_equal(rows, before)
        resumed = begun.changed(random_push(model, layer)).rows
        resumes, owner.resumes = owner.resumes, False
        for rows, whole, before in zip(
            resumed, begun.changed(random_push(model, layer)).rows, begun.untouched.rows, strict=True
        ):
            np.testing.assert_array_equal(rows, whole)
            assert not np.array_equal(rows, before)
        owner.resumes = resumes


@pytest.mark.parametrize("name", ["t5", "bart"])
def test_the_decoder_of_an_encoder_decoder_is_changed_where_its_layers_are_read(name, family):
    model = load(resolve(str(family(name))), max_length=None, stack="decoder")
    owner, lines = intervened(model, 1)
    for _, begun in owner.batches(TEXTS):
        for rows, before in zip(begun.changed(random_push(model, 1, 0.0)).rows, begun.untouched.rows, strict=True):
            np.testing.assert_array_equal(rows, before)
        assert not any(map(np.array_equal, begun.changed(random_push(model, 1)).rows, begun.untouched.rows))
    assert lines == []


@pytest.mark.parametrize("lowered", ["products", "weights"])
@pytest.mark.parametrize("name", ["gpt2", "bert"])
def test_in_a_lower_type_strength_0_changes_nothing_either(name, lowered, tmp_path):
    model = load(resolve(str(save_family(name, tmp_path))), max_length=None, place=PLACES[lowered])
    if lowered == "weights":  # as on a card, where states have the type of the checkpoint
        model.stack.to(torch.bfloat16)
    owner, lines = intervened(model, 1)
    for _, begun in owner.batches(TEXTS):
        for rows, before in zip(begun.changed(random_push(model, 1, 0.0)).rows, begun.untouched.rows, strict=True):
            np.testing.assert_array_equal(rows, before)
        moved = begun.changed(random_push(model, 1)).rows
        assert not any(map(np.array_equal, moved, begun.untouched.rows))
    assert lines == []


@pytest.mark.parametrize("site", ["residual", "attention", "mlp"])
@pytest.mark.parametrize("name", ["gpt2", "bert", "albert", "llama"])
def test_every_layer_of_every_site_goes_on_from_where_it_is_changed(name, site, family):
    model = load(resolve(str(family(name))), max_length=None, site=site)
    for layer in range(len(model.widths)):
        owner, lines = intervened(model, layer)
        for _, begun in owner.batches(TEXTS):
            resumed = begun.changed(random_push(model, layer)).rows
            resumes, owner.resumes = owner.resumes, False
            whole = begun.changed(random_push(model, layer)).rows
            owner.resumes = resumes
            assert len(whole) == len(model.widths) - layer - 1
            for rows, expected, before in zip(resumed, whole, begun.untouched.rows, strict=True):
                np.testing.assert_array_equal(rows, expected)
                assert not np.array_equal(rows, before)
        assert owner.resumes
        assert lines == []


def test_a_product_that_fails_meanwhile_is_tried_again_with_the_same_change(family, monkeypatch):
    model = load(resolve(str(family("llama"))), max_length=None)
    owner, lines = intervened(model, 1)
    begun = only_batch(owner)
    expected = begun.changed(random_push(model, 1)).rows
    failing = iter([True])

    def fails_once(*args):
        if next(failing, False):
            raise RuntimeError("no such kernel")

    monkeypatch.setitem(REPLACED, torch.nn.functional.linear, fails_once)
    owner._products = Products(lambda: "onednn", lines.append)
    for rows, others in zip(begun.changed(random_push(model, 1)).rows, expected, strict=True):
        np.testing.assert_array_equal(rows, others)
    assert "oneDNN's products fail" in lines[0]


def test_a_batch_that_does_not_fit_is_cut_and_one_text_that_does_not_is_refused(family, monkeypatch):
    model = load(resolve(str(family("gpt2"))), max_length=None)
    most, run = [2], type(model).run

    def short_of_memory(self, ids, attended, reader):
        if len(ids) > most[0]:
            raise MemoryError
        run(self, ids, attended, reader)

    monkeypatch.setattr(type(model), "run", short_of_memory)
    owner, _ = intervened(model, 1)
    found = [index for indices, _ in owner.batches(TEXTS) for index in indices]
    assert sorted(found) == [0, 1, 2]
    most[0] = 0
    with pytest.raises(ModelError, match="must fit into memory"):
        list(owner.batches(TEXTS))


@pytest.mark.parametrize("site", ["residual", "attention", "mlp"])
@pytest.mark.parametrize("name", ["gpt2", "llama", "bert", "opt", "mixtral", "gemma2"])
def test_layers_before_the_changed_one_stay_as_they_are_at_every_site(name, site, family):
    model = load(resolve(str(family(name))), max_length=None, site=site)

    def states(layer=None):
        found = []
        with torch.inference_mode():
            if layer is None:
                model.run(IDS, ATTENDED, lambda index, state: found.append(state.clone()))
            else:
                with model.site.changed_by(layer, torch.ones_like):
                    model.run(IDS, ATTENDED, lambda index, state: found.append(state.clone()))
        return found

    before, last = states(), len(model.widths) - 1
    for layer in range(len(model.widths)):
        after = states(layer)
        for index in range(layer):
            torch.testing.assert_close(after[index], before[index], rtol=0, atol=0)
        if layer < last:
            assert not torch.equal(after[layer + 1], before[layer + 1])
        elif site == "residual":
            torch.testing.assert_close(after[last], before[last] + 1)


def linear_after(family, layer):
    """GPT-2 whose blocks from a layer on only add a linear map of the stream, and what each multiplies it by."""
    model = load(resolve(str(family("gpt2"))), max_length=None)
    maps = []
    for block in model.stack.h[layer:]:
        block.attn.c_proj.weight.data.zero_()
        block.ln_2, block.mlp.act = torch.nn.Identity(), torch.nn.Identity()
        block.mlp.c_fc.weight.data *= 10
        product = block.mlp.c_fc.weight.double() @ block.mlp.c_proj.weight.double()
        maps.append(np.eye(len(product)) + product.detach().numpy())
    return model, maps


def test_through_linear_blocks_a_direction_arrives_multiplied_by_their_maps(family):
    model, maps = linear_after(family, 1)
    owner, _ = intervened(model, 1, "mean-all")
    begun = only_batch(owner)
    push = random_push(model, 1)
    expected = push.direction.astype(np.float64)
    for rows, before, product in zip(begun.changed(push).rows, begun.untouched.rows, maps, strict=True):
        expected = expected @ product
        np.testing.assert_allclose(rows - before, np.tile(expected, (len(TEXTS), 1)), rtol=1e-3, atol=1e-4)


def test_an_erased_direction_is_where_its_mean_is_in_every_text(family):
    model, maps = linear_after(family, 1)
    direction, mean = np.random.default_rng(3).standard_normal((2, 32))
    owner, _ = intervened(model, 1, "mean-all")
    begun = only_batch(owner)
    push = erasing(direction, mean)
    rows = begun.changed(push).rows[0] @ np.linalg.inv(maps[0])  # what entered the linear block
    before = begun.untouched.rows[0] @ np.linalg.inv(maps[0])
    unit = direction / np.linalg.norm(direction)
    bias = (before - rows) - ((before - rows) @ unit)[:, None] * unit
    np.testing.assert_allclose(bias, 0, atol=1e-4)  # nothing else changed
    lengths = rows @ unit
    np.testing.assert_allclose(lengths, lengths[0], atol=1e-4)
    half = begun.changed(push.times(0.5)).rows[0] @ np.linalg.inv(maps[0])
    np.testing.assert_allclose(half, (rows + before) / 2, atol=1e-4)


def test_a_control_of_an_erasure_moves_each_text_as_far_elsewhere(family):
    model, maps = linear_after(family, 1)
    direction, mean, other = np.random.default_rng(4).standard_normal((3, 32))
    owner, _ = intervened(model, 1, "mean-all")
    begun = only_batch(owner)
    push = erasing(direction, mean)
    before, inverse = begun.untouched.rows[0], np.linalg.inv(maps[0])
    own = (begun.changed(push).rows[0] - before) @ inverse
    control = (begun.changed(push.towards(other / np.linalg.norm(other))).rows[0] - before) @ inverse
    np.testing.assert_allclose(np.linalg.norm(control, axis=1), np.linalg.norm(own, axis=1), rtol=1e-3)
    np.testing.assert_allclose(
        np.abs(control @ other), np.linalg.norm(control, axis=1) * np.linalg.norm(other), rtol=1e-4
    )


def test_only_positions_that_the_pooling_reads_are_changed(family):
    model = load(resolve(str(family("gpt2"))), max_length=None)
    owner, _ = intervened(model, 1, "last")
    begun = only_batch(owner)
    added = begun._change(random_push(model, 1))(torch.zeros(len(TEXTS), int(begun._ids.shape[1]), 32))
    changed = (added != 0).any(dim=2)
    assert changed.sum(dim=1).tolist() == [1, 1, 1]
    assert changed[begun._positions].all()


def test_the_last_layer_has_none_after_it(family):
    model = load(resolve(str(family("gpt2"))), max_length=None)
    owner, _ = intervened(model, len(model.widths) - 1)
    begun = only_batch(owner)
    assert begun.untouched.rows == [] == begun.changed(random_push(model, len(model.widths) - 1)).rows


def test_a_site_that_only_reads_is_refused(family):
    from dataclasses import replace

    class OnlyRead:
        modules, calls = (), 0

    model = replace(load(resolve(str(family("gpt2"))), max_length=None), site=OnlyRead())
    with pytest.raises(ModelError, match=r"changes the states of its site.*OnlyRead only reads"):
        Intervened(model, "mean", 1)


def test_states_that_overflow_are_said(family):
    model = load(resolve(str(family("llama"))), max_length=None)
    owner, _ = intervened(model, 1)
    begun = only_batch(owner)
    with pytest.raises(ModelError, match=r"finite numbers.*layer 1 changed.*Add less"):
        begun.changed(Push(np.full(32, np.float32(3e38)), 10.0))
