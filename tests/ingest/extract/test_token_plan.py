"""Which tokens of a text give a row: its own, or of labelled words the pieces that stand for them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ingest.extract.token_plan import arrays_of, plan_of
from ingest.extract.token_planner import Choice, plan_tokens
from ingest.model.loading import load, resolve
from mri_core.errors import ModelError
from mri_core.records.corpus import Document, Span

CHOICE = Choice(max_length=48, sink_first=False)


@pytest.fixture(scope="module")
def encoder(family):
    return load(resolve(str(family("bert"))), max_length=48).encoder


def texts(*several, spans=None):
    return [Document(i, "a", text, text, spans=spans) for i, text in enumerate(several)]


def spelled(plan):
    return [plan.types[kind] for kind in plan.kind]


def test_every_own_token_gives_a_row_and_special_ones_give_none(encoder):
    plan = plan_tokens(encoder, texts("The cat sat.", "on the mat"), CHOICE)
    (first, second) = encoder.encode(["The cat sat.", "on the mat"], 48)
    assert plan.starts.tolist() == [0, first.own.sum(), first.own.sum() + second.own.sum()]
    own = np.concatenate([np.flatnonzero(first.own), np.flatnonzero(second.own)])
    assert plan.first.tolist() == plan.last.tolist() == own.tolist()
    assert plan.place.tolist() == [*range(1, first.own.sum() + 1), *range(1, second.own.sum() + 1)]
    assert plan.ids.tolist() == [*first.ids[first.own], *second.ids[second.own]]
    assert plan.read.tolist() == [first.own.sum(), second.own.sum()]
    assert plan.text.tolist() == [0] * first.own.sum() + [1] * second.own.sum()


def test_characters_of_each_token_are_those_that_it_stands_for_without_white_space(encoder):
    text = "The cat  sat."
    plan = plan_tokens(encoder, texts(text), CHOICE)
    pieces = [text[begin:end] for begin, end in zip(plan.begin, plan.end, strict=True)]
    assert "".join(pieces) == "Thecatsat."
    assert all(piece.strip() == piece for piece in pieces)


def test_a_piece_within_a_word_is_another_type_than_a_word_of_the_same_letters(encoder):
    plan = plan_tokens(encoder, texts("The cat sat on the mat and looked at the moon.", "zzqzz cat"), CHOICE)
    whole = "".join(name.removeprefix("##") if name.startswith("##") else f" {name}" for name in spelled(plan))
    assert whole.split()[:2] == ["the", "cat"]
    inside = [name for name in plan.types if name.startswith("##")]
    assert inside, "the tiny tokenizer splits no word"
    assert spelled(plan).count("the") == 3


def test_tokens_of_another_case_are_of_the_same_type(encoder):
    plan = plan_tokens(encoder, texts("The cat", "on the mat"), CHOICE)
    assert len(set(plan.ids[[0, plan.starts[1] + 1]].tolist())) == 2, "the tiny tokenizer has no cases"
    assert spelled(plan)[0] == spelled(plan)[plan.starts[1] + 1] == "the"


def test_tokens_beyond_the_length_that_the_model_takes_give_no_row(encoder):
    short = plan_tokens(encoder, texts("The cat sat on the mat and looked at the moon."), Choice(6, sink_first=False))
    assert len(short.first) == 4
    assert short.cut.tolist() == [
        len(encoder.encode(["The cat sat on the mat and looked at the moon."], 48)[0].ids) - 6
    ]


def test_a_first_position_that_is_a_sink_gives_no_row(encoder):
    bare = plan_tokens(encoder, texts("The cat sat."), CHOICE)
    (encoded,) = encoder.encode(["The cat sat."], 48)
    encoded.own[0] = True  # as in a decoder without a special token before the text
    assert bare.first.min() >= 1
    sink = plan_tokens(encoder, texts("The cat sat."), Choice(48, sink_first=True))
    assert sink.first.min() >= 1


@pytest.mark.parametrize("subtokens", ["first", "last", "mean"])
def test_a_labelled_word_has_the_row_of_the_pieces_that_are_asked_for(encoder, subtokens):
    text = "The courts looked"
    spans = (Span(0, 3, "DET"), Span(4, 10, "NOUN"), Span(11, 17, None))
    plan = plan_tokens(encoder, texts(text, spans=spans), Choice(48, sink_first=False, subtokens=subtokens))
    offsets = encoder.offsets(text, 48)
    pieces = [at for at, (begin, end) in enumerate(offsets) if begin < 10 and end > 4]
    assert len(pieces) > 1, "the tiny tokenizer does not split the word"
    expected = {"first": (pieces[0],) * 2, "last": (pieces[-1],) * 2, "mean": (pieces[0], pieces[-1])}[subtokens]
    assert (plan.first[1], plan.last[1]) == expected
    assert spelled(plan) == ["the", "courts"]
    assert [plan.labels[label] for label in plan.label] == ["DET", "NOUN"]
    assert [(plan.begin[1], plan.end[1])] == [(4, 10)]


def test_words_without_a_label_give_a_row_only_where_they_are_asked_for(encoder):
    text = "The cat sat on a mat"
    spans = (Span(4, 7, "ANIMAL"), Span(8, 11, None))
    asked = plan_tokens(encoder, texts(text, spans=spans), CHOICE._replace(untagged="untagged"))
    assert spelled(asked) == ["the", "cat", "sat", "on", "a", "mat"]
    assert [asked.labels[label] for label in asked.label] == ["untagged", "ANIMAL", *["untagged"] * 4]
    assert spelled(plan_tokens(encoder, texts(text, spans=spans), CHOICE)) == ["cat"]


def test_each_word_of_a_labelled_piece_has_its_label(encoder):
    text = "to New York now"
    plan = plan_tokens(encoder, texts(text, spans=(Span(3, 11, "LOC"),)), CHOICE)
    assert spelled(plan) == ["new", "york"]
    assert [plan.labels[label] for label in plan.label] == ["LOC", "LOC"]


def test_a_labelled_word_beyond_the_length_gives_no_row(encoder):
    text = "The cat sat on the mat and looked at the moon"
    spans = (Span(0, 3, "DET"), Span(41, 45, "NOUN"))
    assert spelled(plan_tokens(encoder, texts(text, spans=spans), Choice(6, sink_first=False))) == ["the"]


def pieces_of(encoder, text):
    return [text[begin:end] for begin, end in encoder.offsets(text, 48) if begin < end]


@pytest.mark.parametrize("subtokens", ["first", "last", "mean"])
def test_a_token_that_two_words_share_is_of_the_first_and_the_other_is_counted_as_without_one(encoder, subtokens):
    text = "The cat sat"
    assert " sat" in pieces_of(encoder, text), "the tiny tokenizer splits the word"
    spans = (Span(0, 3, "DET"), Span(4, 7, "NOUN"), Span(8, 10, "VERB"), Span(10, 11, "NEG"))
    plan = plan_tokens(encoder, texts(text, spans=spans), CHOICE._replace(subtokens=subtokens))
    assert spelled(plan) == ["the", "cat", "sa"]
    read = [place for ends in zip(plan.first, plan.last, strict=True) for place in range(ends[0], ends[1] + 1)]
    assert len(set(read)) == len(read)
    assert dict(zip(plan.labels, plan.pieceless.tolist(), strict=True)) == {"DET": 0, "NOUN": 0, "VERB": 0, "NEG": 1}


def test_a_token_that_begins_in_a_word_without_a_label_is_not_the_next_words(encoder):
    text = "The cat sat"
    spans = (Span(0, 3, "DET"), Span(8, 10, None), Span(10, 11, "NEG"))
    assert spelled(plan_tokens(encoder, texts(text, spans=spans), CHOICE)) == ["the"]


def test_words_beyond_the_length_are_not_counted_as_without_a_token(encoder):
    text = "The cat sat on the mat and looked at the moon"
    spans = (Span(0, 3, "DET"), Span(41, 45, "NOUN"))
    plan = plan_tokens(encoder, texts(text, spans=spans), Choice(6, sink_first=False))
    assert plan.pieceless.tolist() == [0, 0]


@pytest.mark.parametrize(("subtokens", "left"), [("first", ["cat"]), ("last", ["courts", "cat"]), ("mean", ["cat"])])
def test_a_word_whose_token_is_a_sink_gives_no_row_and_not_that_of_another_of_its_tokens(encoder, subtokens, left):
    text = "courts cat"
    (bare,) = encoder.encode([text], 48)
    at = int(np.flatnonzero(bare.own)[0])
    assert bare.own.sum() > 2, "the tiny tokenizer does not split the word"

    class Bare:
        """The encoder without what it puts before a text, as that of a decoder."""

        tokenizer, unknown_id = encoder.tokenizer, encoder.unknown_id

        def encode(self, texts, length):
            return [replace(bare, ids=bare.ids[at:], own=bare.own[at:], span=bare.span[at:])]

        def offsets(self, text, length):
            return encoder.offsets(text, length)[at:]

    choice = Choice(48, sink_first=True, subtokens=subtokens)
    plan = plan_tokens(Bare(), texts(text, spans=(Span(0, 6, "NOUN"), Span(7, 10, "NOUN"))), choice)
    assert spelled(plan) == left
    assert plan.first.min() > 0


def test_rows_of_equal_texts_and_positions_have_equal_hashes_and_no_others(encoder):
    plan = plan_tokens(encoder, texts("The cat sat.", "The cat sat.", "The cat sat"), CHOICE)
    parts = [plan.hashes()[slice(*plan.starts[at : at + 2])].tolist() for at in range(3)]
    assert parts[0] == parts[1]
    assert len(set(parts[0])) == len(parts[0])
    assert not set(parts[0]) & set(parts[2])
    word = (Span(4, 7, "NOUN"),)
    tagged = plan_tokens(encoder, texts("The cat sat.", spans=word), CHOICE)
    assert set(tagged.hashes().tolist()) < set(parts[0])


def test_a_plan_comes_back_from_its_arrays(encoder, tmp_path):
    plan = plan_tokens(encoder, texts("The cat sat.", "On a mat", spans=(Span(0, 3, "DET"),)), CHOICE)
    np.savez(tmp_path / "plan.npz", **arrays_of(plan))
    with np.load(tmp_path / "plan.npz", allow_pickle=False) as file:
        again = plan_of({name: file[name] for name in file.files})
    for name, value in arrays_of(plan).items():
        np.testing.assert_array_equal(arrays_of(again)[name], value)
    assert (again.types, again.labels) == (plan.types, plan.labels)


def test_some_of_the_tokens_stand_in_the_same_texts(encoder):
    plan = plan_tokens(encoder, texts("The cat sat.", "on", "a mat"), CHOICE)
    chosen = np.array([0, plan.tokens - 1])
    part = plan.of(chosen)
    assert part.text.tolist() == [0, 2]
    assert len(part.starts) == 4
    assert part.kind.tolist() == plan.kind[chosen].tolist()


def test_a_tokenizer_without_characters_is_refused_in_one_line(encoder):
    class Slow:
        is_fast = False

    with pytest.raises(ModelError, match=r"needs a fast tokenizer.*Slow does not") as error:
        plan_tokens(replace(encoder, tokenizer=Slow()), texts("The cat"), CHOICE)
    assert "\n" not in str(error.value)
