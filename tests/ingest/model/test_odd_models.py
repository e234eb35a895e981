"""Models that do otherwise than most: how their blocks are called, what they pass on, and what they keep or draw."""

import pytest
import torch

from ingest.model.anatomy.conduct import LONGEST_PROBE, examine_conduct
from ingest.model.anatomy.layout import PLAIN, Layout, find_layout
from ingest.model.device import Place
from ingest.model.loading import load, resolve
from mri_core.errors import ModelError
from tests.ingest.reading import ATTENDED, IDS, LENGTHS, states_of
from tests.ingest.refusal import refused
from tests.models import VOCABULARY

LONG = torch.randint(5, VOCABULARY, (1, 200), generator=torch.Generator().manual_seed(2))


def own_states(model, ids, tower="", stream=None):
    """What the model itself reports for one text, of the stream that is read."""
    part = model.get_submodule(tower)
    with torch.inference_mode():
        states = part(input_ids=ids, attention_mask=torch.ones_like(ids), output_hidden_states=True).hidden_states
    return states if stream is None else [stream(state) if state.dim() == 4 else state for state in states]


# What is peculiar, of the family; the part that reads text; its stream, of several.
PECULIAR = {
    "openai-gpt": ("", None),  # blocks give a list
    "squeezebert": (
        "",
        None,
    ),  # blocks are called past their hooks, give a mapping, and have the width before the tokens
    "xlnet": ("", None),  # tokens come before texts
    "mllama": ("language_model", None),  # a block is passed over
    "gemma3n": ("", lambda state: state[0]),  # four streams, of which the first is active
    "clip": ("text_model", None),
    "siglip": ("text_model", None),
    "bigbird": ("", None),
}


@pytest.mark.parametrize("name", PECULIAR)
def test_rows_are_the_models_own_hidden_states_alone_and_in_a_batch(name, family):
    from transformers import AutoModel

    model, own = load(resolve(str(family(name))), max_length=None), AutoModel.from_pretrained(family(name)).eval()
    together = states_of(model)
    for text, length in enumerate(LENGTHS):
        ids = IDS[text : text + 1, :length]
        alone = states_of(model, ids, torch.ones_like(ids, dtype=torch.bool))
        for layer, expected in enumerate(own_states(own, ids, *PECULIAR[name])[:-1]):
            torch.testing.assert_close(alone[layer], expected, rtol=1e-6, atol=1e-6)
            torch.testing.assert_close(together[layer][text : text + 1, :length], expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(
    ("name", "fact"),
    [
        ("mllama", "passes over 1 of its 4 blocks (number 2)"),
        ("clip", "text_model (CLIPTextModel)"),
        ("reformer", "draws at random"),
    ],
)
def test_what_is_peculiar_is_said(name, fact, family):
    (warning,) = load(resolve(str(family(name))), max_length=None).warnings
    assert fact in warning


def test_the_axes_of_states_are_found_from_how_their_shapes_change():
    sizes, others = torch.Size([2, 8]), torch.Size([3, 7])

    def found(one, other, active=None):
        return find_layout(torch.Size(one), torch.Size(other), sizes, others, active)

    assert found([2, 8, 8], [3, 7, 8]) == PLAIN
    assert found([2, 16, 32], [3, 16, 32]) == PLAIN  # padded to a multiple of 16
    assert found([8, 2, 32], [7, 3, 32]) == Layout(texts=1, tokens=0, width=2)
    assert found([2, 32, 8], [3, 32, 7]) == Layout(texts=0, tokens=2, width=1)
    streams = found([2, 8, 4, 32], [3, 7, 4, 32])  # hyper-connections: streams that are one another's equals
    assert streams == Layout(texts=0, tokens=1, streams=2, width=3)
    state = torch.rand(2, 8, 4, 32)
    torch.testing.assert_close(streams.plain(state), state.mean(dim=2))
    active = found([4, 2, 8, 32], [4, 3, 7, 32], active=1)
    assert torch.equal(active.plain(state.permute(2, 0, 1, 3)), state[:, :, 1])
    with refused("2 × 2 × 32", kind=ModelError):
        found([2, 2, 32], [3, 2, 32])


@pytest.mark.parametrize("name", ["squeezebert", "gemma3n"])
def test_blocks_with_other_axes_have_no_other_site(name, family):
    with refused("other axes", "--site residual", kind=ModelError):
        load(resolve(str(family(name))), max_length=None, site="mlp")


def test_a_model_that_changes_itself_by_the_length_reads_each_text_as_it_does_alone(family):
    """BigBird turns to full attention for good on a short text; long ones are to be read by blocks all the same."""
    from transformers import AutoModel

    model, own = load(resolve(str(family("bigbird"))), max_length=None), AutoModel.from_pretrained(family("bigbird"))
    assert not model.respects_padding_mask
    states_of(model)
    assert model.stack.attention_type == model.stack.encoder.layer[0].attention_type == "block_sparse"
    read = states_of(model, LONG, torch.ones_like(LONG, dtype=torch.bool))
    expected = own_states(own.eval(), LONG)
    torch.testing.assert_close(read[-1], expected[-1], rtol=1e-6, atol=1e-6)
    own_states(own, IDS[:1])
    assert not torch.allclose(read[-1], own_states(own, LONG)[-1], atol=1e-4)


@pytest.mark.parametrize(
    ("name", "fixed"), [("bert", True), ("llama", True), ("bigbird", False), ("reformer", False), ("rwkv", True)]
)
def test_only_models_that_change_themselves_or_draw_are_watched_in_every_pass(name, fixed, family):
    assert load(resolve(str(family(name))), max_length=None).is_fixed is fixed


def test_a_model_longer_than_what_is_tried_is_not_taken_to_be_fixed(family):
    blocks, text = load(resolve(str(family("llama"))), max_length=None), torch.tensor([[7, 8, 9]])
    assert examine_conduct(blocks.stack, blocks.site, text, LONGEST_PROBE).is_fixed
    assert not examine_conduct(blocks.stack, blocks.site, text, LONGEST_PROBE + 1).is_fixed


def test_a_model_that_rescales_its_weights_once_does_it_once(family):
    """RWKV halves weights of later blocks in its first pass, and remembers that it did."""
    from transformers import AutoModel

    model, own = load(resolve(str(family("rwkv"))), max_length=None), AutoModel.from_pretrained(family("rwkv")).eval()
    expected = own_states(own, IDS[:1])
    for _ in range(2):
        torch.testing.assert_close(states_of(model, IDS[:1], ATTENDED[:1])[1], expected[0], rtol=1e-5, atol=1e-5)
    weights = [block.attention.output.weight for block in (model.stack.blocks[2], own.blocks[2])]
    torch.testing.assert_close(*weights)


def test_a_model_that_draws_at_random_gives_one_text_one_row_and_leaves_the_generators_alone(family):
    model = load(resolve(str(family("reformer"))), max_length=None)
    whole = torch.ones_like(LONG, dtype=torch.bool)
    torch.manual_seed(5)
    first, drawn = states_of(model, LONG, whole), torch.rand(1)
    torch.manual_seed(6)
    again = states_of(model, LONG, whole)
    assert all(map(torch.equal, first, again))
    torch.manual_seed(5)
    assert drawn == torch.rand(1)
    assert not model.respects_padding_mask


@pytest.mark.parametrize("name", ["albert", "electra"])
def test_under_bfloat16_the_stream_is_float32_also_behind_a_projected_embedding(name, family):
    place = Place("cpu", "bfloat16")
    model = load(resolve(str(family(name))), max_length=None, place=place)
    exact, states = states_of(load(resolve(str(family(name))), max_length=None)), {}
    with place.computing():
        model.run(IDS, ATTENDED, lambda layer, state: states.setdefault(layer, state.clone()))
    assert {state.dtype for state in states.values()} == {torch.float32}
    torch.testing.assert_close(states[0], exact[0], rtol=1e-5, atol=1e-5)
    assert not torch.equal(states[1], exact[1])
