import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.extract.poolings import POOLINGS
from ingest.extract.positions import left_without_token, masked_mean, sinks
from mri_core.errors import UsageError


def mask(*rows: str) -> torch.Tensor:
    """One row a text, one character a position: 1 is in, anything else is out."""
    return torch.tensor([[character == "1" for character in row] for row in rows])


# Two texts of a tokenizer that frames them, the second shorter and padded; then a text of special tokens only.
ATTENDED = mask("111111", "1111..", "11....")
OWN = mask(".1111.", ".11...", "......")


@pytest.mark.parametrize(
    ("pooling", "expected"),
    [
        ("mean", mask(".1111.", ".11...", "11....")),
        ("last", mask("....1.", "..1...", ".1....")),
        ("first", mask("1.....", "1.....", "1.....")),
        ("mean-all", ATTENDED),
    ],
)
def test_a_pooling_reads_its_positions_and_a_text_without_tokens_keeps_what_it_has(pooling, expected):
    assert torch.equal(POOLINGS[pooling].positions(ATTENDED, OWN, sink_first=False), expected)


def test_only_the_mean_leaves_out_a_first_position_that_is_a_sink_unless_it_is_the_only_token():
    attended = mask("1111", "11..", "1...")
    assert torch.equal(POOLINGS["mean"].positions(attended, attended, sink_first=True), mask(".111", ".1..", "1..."))
    assert torch.equal(POOLINGS["last"].positions(attended, attended, sink_first=True), mask("...1", ".1..", "1..."))
    assert torch.equal(POOLINGS["mean-all"].positions(attended, attended, sink_first=True), attended)


def test_texts_left_without_a_token_are_told_apart():
    assert left_without_token(OWN, sink_first=False).tolist() == [False, False, True]
    assert left_without_token(mask("11", "1."), sink_first=True).tolist() == [False, True]


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 4), st.integers(1, 9))
def test_the_masked_mean_is_numpys_mean_over_the_positions(seed, texts, length):
    generator = np.random.default_rng(seed)
    states = generator.normal(size=(texts, length, 5)).astype(np.float32)
    positions = generator.random((texts, length)) < 0.6
    positions[:, generator.integers(length)] = True
    pooled = masked_mean(torch.from_numpy(states), torch.from_numpy(positions)).numpy()
    for row in range(texts):
        np.testing.assert_allclose(pooled[row], states[row][positions[row]].mean(axis=0), rtol=1e-5, atol=1e-6)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 12))
def test_sinks_are_the_tokens_over_fifty_times_the_median_norm_of_their_text(seed, length):
    generator = np.random.default_rng(seed)
    norms = np.exp(generator.normal(scale=3, size=(3, length)))
    positions = generator.random((3, length)) < 0.7
    positions[:, 0] = True
    states = torch.from_numpy(norms[..., None] * [0.6, 0.8]).float()
    found = sinks(states, torch.from_numpy(positions)).numpy()
    for row in range(3):
        median = np.median(norms[row][positions[row]])
        np.testing.assert_array_equal(found[row], positions[row] & (norms[row] > 50 * median))


def test_an_outlier_among_left_out_positions_is_no_sink_and_does_not_move_the_median():
    states = torch.tensor([[[900.0], [1.0], [2.0], [3.0], [101.0]]])
    assert torch.equal(sinks(states, mask(".1111")), mask("....."))  # the median of 1, 2, 3, 101 is 2.5
    states[0, 4] = 126.0
    assert torch.equal(sinks(states, mask(".1111")), mask("....1"))


def test_first_is_refused_in_a_causal_decoder():
    with pytest.raises(UsageError, match="--force"):
        POOLINGS["first"].check(causal=True)
    POOLINGS["first"].check(causal=False)
    POOLINGS["last"].check(causal=True)


def test_an_unknown_pooling_is_refused_with_those_there_are():
    with pytest.raises(UsageError, match="mean"):
        POOLINGS.named("maen")
