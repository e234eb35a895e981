"""Rows of texts within prompts, against a truth worked out one text at a time from offsets and hidden states."""

import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch

from ingest.model.prompts import chat_prompt, parse_template
from ingest.model.tokens import prompted
from mri_core.errors import ModelError, UsageError
from tests.ingest.extract.test_extraction import DOCUMENTS, TEXTS, loaded, scanned
from tests.ingest.refusal import refused

FRAMING = "{% for m in messages %}<s>{{ m['role'] }}: {{ m['content'] }} </s>{% endfor %}"
TRIMMING = FRAMING.replace("m['content']", "m['content'] | trim")
TEMPLATES = ["Stir: {text}", "{text} {is} the moon", "The judge{text}rises"]


def with_prompt(model, template=None, chat=False):
    encoder = prompted(model.encoder, template, chat=chat, max_length=model.max_length)
    return replace(model, encoder=encoder)


def chatting(folder, into, chat_template):
    """A copy of a tiny model whose tokenizer has a chat template."""
    from transformers import AutoTokenizer

    shutil.copytree(folder, into)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    tokenizer.chat_template = chat_template
    tokenizer.save_pretrained(into)
    return into


def truth(tokenizer, model, whole, begin, end, pooling, *, special, causal):
    """A text's row in each layer but the last, and its own tokens."""
    encoded = tokenizer(whole, add_special_tokens=special, return_offsets_mapping=True)
    tokens = [
        place for place, (a, b) in enumerate(encoded["offset_mapping"]) if set(range(a, b)) & set(range(begin, end))
    ]
    own = [place for place in tokens if encoded["input_ids"][place] not in tokenizer.all_special_ids]
    kept = {"mean": own, "mean-all": own, "first": own[:1], "last": own[-1:]}[pooling]
    if pooling == "mean" and causal and kept[0] == 0 and len(kept) > 1:
        kept = kept[1:]
    with torch.inference_mode():
        states = model(input_ids=torch.tensor([encoded["input_ids"]]), output_hidden_states=True).hidden_states[:-1]
    return [state[0, kept].mean(dim=0).numpy() for state in states], len(own)


def compare(found, wholes, source, pooling, *, special, causal):
    tokenizer, model = source
    for ordinal, (whole, begin, end) in enumerate(wholes):
        rows, tokens = truth(tokenizer, model, whole, begin, end, pooling, special=special, causal=causal)
        assert found.activations.tokens[ordinal] == tokens, whole
        for layer, row in zip(found.activations.layers[:-1], rows, strict=True):
            np.testing.assert_allclose(layer[ordinal], row, rtol=1e-4, atol=1e-5)


def plain(folder):
    from transformers import AutoModel, AutoTokenizer

    return AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder, dtype=torch.float32)


@pytest.mark.parametrize("pooling", ["mean", "last", "first", "mean-all"])
@pytest.mark.parametrize("kind", ["bert", "llama", "neox"])
def test_a_template_is_read_and_the_text_alone_is_pooled(kind, pooling, tiny, tmp_path):
    for number, template in enumerate(TEMPLATES):
        before, after = template.split("{text}")
        wholes = [(before + text + after, len(before), len(before) + len(text)) for text in TEXTS]
        found = scanned(with_prompt(loaded(tiny(kind)), template), tmp_path / str(number), pooling=pooling)
        compare(found, wholes, plain(tiny(kind)), pooling, special=True, causal=kind != "bert")


def test_behind_a_prompt_no_beginning_of_sequence_is_added_and_the_first_token_is_kept(tiny, tmp_path):
    model = loaded(tiny("gpt2"))  # knows such a token, and does not add it
    assert len(with_prompt(model, "Stir: {text}").encoder.with_bos().prefix) == 0
    assert len(with_prompt(model, "{text} rises").encoder.with_bos().prefix) == 1
    wholes = [(f"Stir: {text}", 6, 6 + len(text)) for text in TEXTS]
    found = scanned(with_prompt(model, "Stir: {text}"), tmp_path)
    compare(found, wholes, plain(tiny("gpt2")), "mean", special=True, causal=True)


@pytest.mark.parametrize(("chat_template", "trims"), [(FRAMING, False), (TRIMMING, True)])
def test_a_chat_is_the_tokenizer_s_own_and_special_tokens_are_not_added_twice(chat_template, trims, tiny, tmp_path):
    folder = chatting(tiny("llama"), tmp_path / "chatting", chat_template)
    spaced = [f" \n{text} " for text in TEXTS]
    documents = [replace(document, text=text) for document, text in zip(DOCUMENTS, spaced, strict=True)]
    found = scanned(with_prompt(loaded(folder), chat=True), tmp_path / "rows", documents=documents)
    tokenizer, model = plain(folder)
    wholes = []
    for text in spaced:
        whole = tokenizer.apply_chat_template([{"role": "user", "content": text}], tokenize=False)
        said = text.strip() if trims else text
        wholes.append((whole, whole.index(said), whole.index(said) + len(said)))
    compare(found, wholes, (tokenizer, model), "mean", special=False, causal=True)


def test_a_text_too_long_is_cut_at_its_own_end_and_the_prompt_stays_whole(tiny, tmp_path):
    model = with_prompt(loaded(tiny("bert"), max_length=20), "Stir:{text}. Rises.")
    tokenizer = model.encoder.tokenizer
    before, after = (tokenizer(part, add_special_tokens=False)["input_ids"] for part in ("Stir:", ". Rises."))
    short, long = model.encoder.encode([" moon", " moon" * 30], 20)
    whole = tokenizer("Stir:" + " moon" * 30 + ". Rises.")["input_ids"]
    around, room = 2 + len(before) + len(after), 20 - 2 - len(before) - len(after)
    assert long.ids.tolist() == [*whole[: 1 + len(before) + room], *after, whole[-1]]
    assert long.own.tolist() == [False] * (1 + len(before)) + [True] * room + [False] * (1 + len(after))
    assert (short.cut, long.cut) == (0, len(whole) - 20)
    assert long.own.sum() + long.cut == len(whole) - around
    facts = scanned(model, tmp_path, documents=[replace(DOCUMENTS[0], text=" moon" * 30)]).facts
    assert (facts.read[0], facts.cut[0]) == (room, len(whole) - 20)


def test_a_text_without_a_token_within_its_prompt_is_told_of_and_keeps_what_there_is(tiny, tmp_path):
    folder = chatting(tiny("llama"), tmp_path / "chatting", TRIMMING)
    documents = (replace(DOCUMENTS[0], text=" \n "), DOCUMENTS[1])
    found = scanned(with_prompt(loaded(folder), chat=True), tmp_path / "rows", documents=documents)
    assert found.facts.unread.tolist() == [True, False]
    assert found.facts.read[0] == 0
    assert all(np.isfinite(layer[0]).all() and layer[0].any() for layer in found.activations.layers)


def test_rows_do_not_depend_on_the_batches_they_come_in(tiny, tmp_path):
    model = with_prompt(loaded(tiny("llama")), "Stir: {text} rises.")
    together, alone = scanned(model, tmp_path / "1"), scanned(model, tmp_path / "2", batch_tokens=1)
    for layers in zip(together.activations.layers, alone.activations.layers, strict=True):
        np.testing.assert_allclose(*layers, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("template", ["Classify:", "{text} and {text}", "{ text }", "{{}}"])
def test_a_template_has_one_place_for_the_text(template):
    with refused("{text}", repr(template), kind=UsageError):
        parse_template(template)


def test_other_braces_mean_nothing():
    assert parse_template('{"a": {{text}}, {b}').around("x") == ('{"a": {x}, {b}', 7, 8)


def test_a_prompt_that_leaves_no_room_is_refused_with_the_numbers(tiny):
    model = loaded(tiny("bert"), max_length=12)
    count = len(model.encoder.tokenizer("stir " * 20)["input_ids"])
    with refused("leaves room for a text", f"It has {count} tokens", "of 12", kind=UsageError):
        with_prompt(model, "stir " * 20 + "{text}")


def test_a_tokenizer_without_a_chat_template_is_told(tiny):
    with refused("This tokenizer has none", "--template", kind=ModelError):
        with_prompt(loaded(tiny("llama")), chat=True)


@pytest.mark.parametrize(
    "chat_template",
    [
        "{{ messages[0]['content'] }} and again {{ messages[0]['content'] }}",
        "{{ messages[0]['content'] | upper }}",
        "{{ messages[0]['content'] | tojson }}",
        "nothing of it",
        "{{ raise_exception('tools only') }}",
        "{% if %}",
    ],
)
def test_a_chat_template_that_does_more_than_frame_the_message_is_refused(chat_template, tiny, tmp_path):
    folder = chatting(tiny("llama"), tmp_path / "chatting", chat_template)
    with refused("A chat template is to frame one message", "--template", kind=ModelError):
        with_prompt(loaded(folder), chat=True)


def test_a_chat_template_that_asks_for_the_date_is_the_same_on_any_day(tiny, tmp_path):
    template = "{{ strftime_now('%d %b %Y') }}: {{ messages[0]['content'] }}"
    folder = chatting(tiny("llama"), tmp_path / "chatting", template)
    assert chat_prompt(loaded(folder).encoder.tokenizer).before == "01 Jan 2025: "


def test_a_slow_tokenizer_is_told(tiny):
    model = loaded(tiny("bert"))

    class Slow:
        is_fast = False

    slow = replace(model.encoder, tokenizer=Slow())
    with refused("fast tokenizer", "Slow", kind=ModelError):
        prompted(slow, "Stir: {text}", chat=False, max_length=20)
