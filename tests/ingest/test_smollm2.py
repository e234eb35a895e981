"""A real decoder of thirty layers, loaded once: its sink, its rows, and its chat."""

import numpy as np
import pytest

from tests.ingest.extract.test_extraction import DOCUMENTS, scanned
from tests.ingest.model.test_prompts import truth, with_prompt
from tests.ingest.reading import states_of
from tests.models import SENTENCES

pytestmark = [pytest.mark.model, pytest.mark.slow]  # the model takes its time to load


def test_smollm2_is_a_decoder_of_thirty_layers_with_its_sink_on_the_first_token(smollm2):
    assert (smollm2.layers, set(smollm2.widths), smollm2.max_length, smollm2.causal) == (31, {576}, 512, True)
    encoder = smollm2.encoder.with_bos()
    assert encoder.prefix == (encoder.tokenizer.bos_token_id,)
    batch = encoder.batch(encoder.encode(SENTENCES[:1], 512))
    norms = np.array([state.norm(dim=2)[0].numpy() for state in states_of(smollm2, batch.ids, batch.attended)])
    assert norms[15, 0] > 50 * np.median(norms[15, 1:])
    assert (norms[15, 1:] < 50 * np.median(norms[15, 1:])).all()


def test_smollm2s_mean_leaves_out_its_sink(smollm2, tmp_path):
    found, plain = scanned(smollm2, tmp_path / "1"), scanned(smollm2, tmp_path / "2", pooling="mean-all")
    middle, sunk = (np.linalg.norm(result.activations.layers[15], axis=1) for result in (found, plain))
    assert middle.max() < 3 * np.median(middle)
    assert (sunk > 5 * middle).all()
    np.testing.assert_array_equal(found.activations.tokens, plain.activations.tokens)


@pytest.mark.parametrize("pooling", ["mean", "last", "mean-all"])
def test_the_chat_of_a_real_decoder(pooling, smollm2, tmp_path):
    found = scanned(with_prompt(smollm2, chat=True), tmp_path, documents=DOCUMENTS[: len(SENTENCES)], pooling=pooling)
    tokenizer = smollm2.encoder.tokenizer
    frame = (
        "<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n"
        "<|im_start|>user\n"
    )
    wholes = [(f"{frame}{text}<|im_end|>\n", len(frame), len(frame) + len(text)) for text in SENTENCES]
    for ordinal, (whole, begin, end) in enumerate(wholes):
        rows, tokens = truth(tokenizer, smollm2.stack, whole, begin, end, pooling, special=False, causal=True)
        assert found.activations.tokens[ordinal] == tokens
        assert found.facts.sinks[ordinal].sum() == 0
        for layer, row in zip(found.activations.layers[:-1], rows, strict=True):
            np.testing.assert_allclose(layer[ordinal], row, rtol=1e-3, atol=1e-3 * np.abs(row).max())
