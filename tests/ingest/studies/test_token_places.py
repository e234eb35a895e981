"""A text's tokens made again: the regions of a stored text are those that the study has, whatever model and corpus."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import mri as notebook
from ingest.corpus.corpus import open_corpus
from ingest.extract import reader as reading
from ingest.extract.records import Found
from ingest.notebook import ingest
from ingest.studies.explaining import explain, find_document
from ingest.studies.later_texts import open_later
from ingest.studies.reread import request_of, reread
from ingest.studies.token_places import open_placer, token_places
from ingest.study_identity import id_of
from mri_core.errors import CorpusError, MriError, UsageError
from mri_core.records.ids import local_id
from mri_core.store.reading import ALL
from tests.command import Mri
from tests.engines import Engine
from tests.ingest.refusal import refused
from tests.models import SENTENCES, save_tiny

pytestmark = [pytest.mark.engine, pytest.mark.model]

WORDS = sorted({word.strip(".") for sentence in SENTENCES for word in sentence.split()})
TAG = {word: "VERB" if word.endswith("s") else "DET" if word in ("the", "The", "A") else "NOUN" for word in WORDS}
DRAWN = np.random.default_rng(5)
TEXTS = [[str(word) for word in DRAWN.choice(WORDS, DRAWN.integers(3, 12))] for _ in range(24)]
HELD = """
MATCH (d:Document {llm_mri: true, study: $study})-[p:PASSES]->(r:Region)
RETURN d.id AS document, p.layer AS layer, r.id AS region, p.tokens AS tokens
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("places")


@pytest.fixture(scope="module")
def texts(folder: Path) -> Path:
    path = folder / "texts.csv"
    rows = [f"{' '.join(words)}.,{'ab'[i % 2]},own{i}" for i, words in enumerate(TEXTS)]
    path.write_text("\n".join(["text,label,id", *rows]), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def tagged(folder: Path) -> Path:
    path = folder / "tagged.conll"
    lines = ["\n".join(f"{word}\t{'_' if word == 'the' else TAG[word]}" for word in words) for words in TEXTS]
    path.write_text("# global.columns = FORM UPOS\n" + "\n\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def studies(engine: Engine, store, cache, folder, texts, tagged):
    """Scans of tokens of an encoder, a decoder whose first position is a sink, and words with tags."""
    made = {}
    for name, kind, corpus, choices in (
        ("encoder", "bert", texts, {"fit_on": 80}),
        ("decoder", "gpt2", texts, {"max_length": 12, "atlas": "grid", "resolution": 3}),
        ("tags", "bert", tagged, {"subtokens": "mean", "categories": ["NOUN", "VERB"]}),
    ):
        model = folder / kind if (folder / kind).exists() else save_tiny(kind, folder / kind)
        scan = {"model": str(model), "unit": "token", "refits": 0, "store": engine.location, "progress": False}
        made[name] = ingest(corpus, name=name, **scan, **choices).study
    return made


def held(store, study):
    """By text and layer, how many tokens the graph has in each region."""
    found: dict[tuple[str, int], Counter[str]] = {}
    for document, layer, region, tokens in store.read(HELD, {"study": study.id}, max_rows=ALL).rows:
        key = local_id(study.id, document), layer
        found.setdefault(key, Counter())[local_id(study.id, region)] += tokens
    return found


@pytest.mark.parametrize("name", ["encoder", "decoder", "tags"])
def test_the_tokens_of_a_stored_text_are_in_the_regions_that_the_study_has_them_in(store, studies, name):
    study = studies[name]
    stored = held(store, study)
    reader = open_later(store, study)
    for number in range(0, len(TEXTS), 3):
        found = token_places(store, study, document=f"D{number}", reader=reader)
        assert found.document == f"D{number}"
        assert not [note for note in found.notes if "other regions" in note]
        for layer in range(study.layers):
            counted = Counter(token.regions[layer] for token in found.placed)
            assert counted == stored.get((f"D{number}", layer), Counter())
            assert found.counts(layer) == dict(counted)


def test_all_of_a_text_is_listed_and_what_is_left_out_says_why(store, studies):
    found = token_places(store, studies["encoder"], document="own4")
    assert found.document == "D4"
    assert [token.text for token in found.tokens if token.left_out == "special"] == ["[CLS]", "[SEP]"]
    assert all(found.text[token.start : token.end] == token.text for token in found.placed)
    assert "".join(token.text for token in found.placed) == found.text.replace(" ", "")
    assert all(token.type.removeprefix("##") == token.text.casefold() for token in found.placed)
    for token in found.placed:
        assert len(token.regions) == len(token.distances) == len(token.margins) == found.layers
        assert all(0 <= margin <= 1 for margin in token.margins)
    for token in found.tokens:
        assert bool(token.regions) == (not token.left_out)


def test_of_a_decoder_the_first_position_is_left_out_as_a_sink_and_the_end_is_cut(store, studies):
    study = studies["decoder"]
    text = " ".join(TEXTS[0] + TEXTS[1])
    found = token_places(store, study, text=text)
    assert found.tokens[0].left_out in ("special", "sink")
    assert found.cut > 0
    assert f"{found.cut} tokens at its end cut off" in " ".join(found.notes)
    assert len(found.tokens) == 12


def test_a_token_that_is_a_sink_in_some_layer_has_no_region(store, studies, monkeypatch):
    read = reading.BatchReader.read

    def sunk(self, documents):
        rows, facts = read(self, documents)
        facts.sinks[1, 2] = 1  # the second token, in one layer
        return Found(rows, facts)

    monkeypatch.setattr(reading.BatchReader, "read", sunk)
    found = token_places(store, studies["encoder"], text="The cat sat on the mat.")
    own = [token for token in found.tokens if token.left_out != "special"]
    assert [token.left_out for token in own[:3]] == ["", "sink", ""]
    assert own[1].regions == ()


def test_a_word_with_a_tag_is_one_token_and_others_are_told(store, studies):
    found = token_places(store, studies["tags"], document="D2")
    words = TEXTS[2]
    assert [token.text for token in found.placed] == [word for word in words if TAG[word] != "DET"]
    assert [token.tag for token in found.placed] == [TAG[word] for word in words if TAG[word] != "DET"]
    left = {token.text for token in found.tokens if token.left_out == "tag not scanned"}
    assert left == {word for word in words if TAG[word] == "DET" and word != "the"}
    untagged = "".join(token.text for token in found.tokens if token.left_out == "untagged").replace(" ", "")
    assert untagged == "the" * words.count("the")
    starts = [token.start for token in found.tokens if token.start is not None]
    assert starts == sorted(starts)


def test_of_a_new_text_each_word_is_placed_where_the_studys_are_words_with_tags(store, studies):
    found = token_places(store, studies["tags"], text="The judge, slowly.")
    assert [token.text for token in found.placed] == ["The", "judge", ",", "slowly", "."]
    assert all(token.tag is None for token in found.placed)
    assert "The text has no tags" in found.notes[0]


def test_a_text_is_placed_like_the_stored_text_that_it_is(store, studies):
    study = studies["encoder"]
    document = token_places(store, study, document="D7")
    text = token_places(store, study, text=document.text)
    assert text.tokens == document.tokens
    assert text.document is None


def test_what_cannot_be_placed_is_refused_in_one_line(store, studies, engine, texts, folder):
    study = studies["encoder"]
    with refused("is called 'D99'", kind=UsageError):
        token_places(store, study, document="D99")
    with refused("Neither is given", kind=UsageError):
        token_places(store, study)
    with refused("One is blank", kind=UsageError):
        token_places(store, study, text=" ")
    with refused("encoder is a scan of tokens", kind=UsageError):
        explain(store, study, text="The cat")
    with refused("This atlas is of tokens", kind=UsageError):
        open_later(store, study).read(["The cat"])
    scan = {"model": str(folder / "bert"), "refits": 0, "store": engine.location, "progress": False}
    documents = ingest(texts, name="whole", **scan, clusters=3).study
    with refused("whole is a scan of documents", kind=UsageError):
        open_placer(store, documents)


def test_a_corpus_that_is_gone_is_one_line(store, studies, tagged):
    kept = tagged.read_bytes()
    tagged.unlink()
    try:
        with refused("cannot be read", kind=CorpusError):
            token_places(store, studies["tags"], document="D2")
    finally:
        tagged.write_bytes(kept)


def test_the_command_prints_tokens_by_layers_and_the_words_of_one_layer(studies, mri: Mri):
    whole = mri("explain", "tags", "--document", "D2").done().out
    header = next(line for line in whole.splitlines() if line.lstrip().startswith("position"))
    assert header.split() == ["position", "token", "tag", *(f"L{layer}" for layer in range(studies["tags"].layers))]
    one = mri("explain", "encoder", "--text", "The cat sat.", "--layer", "2").done().out
    assert "L2/R" in one
    assert "margin: how far a token is inside its region" in one
    few = mri("explain", "encoder", "--text", "The cat sat.", "--tokens", "1").done().out
    assert [line.split()[1] for line in few.splitlines() if line.strip()[:1].isdigit()] == ["The"]
    known = mri("explain", "encoder", "--document", "D1", "--json").done().json
    assert known["document"] == "D1"
    assert [token["position"] for token in known["tokens"]] == list(range(len(known["tokens"])))
    assert all(len(token["regions"]) in (0, known["layers"]) for token in known["tokens"])


@pytest.mark.parametrize(
    ("flags", "fact"),
    [
        (["--regions"], "Run `mri query tokens-of-region --study encoder --region L0/R0`"),
        (["--text", "a", "--versus", "L1/R0"], "encoder is a scan of tokens"),
        (["--text", "a", "--layer", "9"], "Layer 9 is named"),
    ],
)
def test_the_command_refuses_what_is_of_documents(studies, mri: Mri, flags, fact):
    assert fact in mri("explain", "encoder", *flags).refusal()


def test_a_notebook_has_the_tokens_as_a_frame(engine, studies):
    study = studies["tags"]
    found = notebook.token_places(study, document="D2", store=engine.location)
    assert list(found.frame["token"]) == [token.text for token in found.tokens]
    assert list(found.frame.columns[-study.layers :]) == [f"L{layer}" for layer in range(study.layers)]
    assert found.frame["L0"].notna().sum() == len(found.placed)
    assert "tokens placed of" in str(found)
    view = notebook.study("tags", store=engine.location)
    assert view.token_places(text="The judge.").frame["L1"].notna().sum() == 3
    with refused(f"has layers 0 to {study.layers - 1}", kind=UsageError):
        notebook.token_places(study, text="x", layer=7, store=engine.location)


def test_a_study_whose_tokens_an_earlier_version_chose_is_refused_by_that_reason(store, studies):
    report = {name: value for name, value in json.loads(studies["encoder"].report).items() if name != "plan"}
    older = replace(studies["encoder"], report=json.dumps(report), id=f"{studies['encoder'].id[:-1]}x")
    for again in (lambda: open_placer(store, older), lambda: reread(older)):
        with refused(older.id, "An earlier version", "Scan again", kind=MriError):
            again()


def test_rows_of_a_study_with_results_of_an_earlier_version_are_read_again(studies):
    now = studies["encoder"]
    found = reread(now)
    named = id_of(request_of(now, trust_remote_code=False), found.scan, None, 4)
    older = replace(now, report=json.dumps(json.loads(now.report) | {"results": 4}), id=named)
    assert older.id != now.id
    for row, again in zip(found.activations.layers, reread(older).activations.layers, strict=True):
        np.testing.assert_array_equal(row, again)


def test_a_name_that_is_the_place_of_one_text_and_the_own_id_of_another_is_refused(studies, tmp_path):
    path = tmp_path / "turned.csv"
    path.write_text("text,label,id\nthe cat,a,D1\nthe moon,b,D0\na court,b,other\n")
    corpus = json.loads(studies["encoder"].parameters) | {"corpus": str(path)}
    turned = replace(studies["encoder"], parameters=json.dumps(corpus), corpus_hash=open_corpus(path).content_hash)
    with refused("'D1' is that of 2", f"{turned.id}/D0 or {turned.id}/D1", kind=UsageError):
        find_document(turned, "D1")
    assert find_document(turned, f"{turned.id}/D1").text == "the moon"
    assert find_document(turned, "D2").text == find_document(turned, "other").text == "a court"
