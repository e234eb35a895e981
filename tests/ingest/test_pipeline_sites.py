"""A study of another site or stack: what tells it from others, and what is refused."""

import json
from importlib.resources import files

import pytest

from ingest.request import Request
from mri_core.errors import UsageError
from tests.ingest.refusal import refused


@pytest.fixture
def study(mri, store, tidy):
    """Runs `mri ingest` on 40 texts of the demo corpus and gives the study."""

    def run(model, *options):
        corpus = str(files("ingest") / "demo.csv")
        arguments = ("--name", "sites", "--replace", "--limit", 40, "--model", model, *options, "--json")
        told = mri("ingest", corpus, *arguments).done().json
        return store.study(told["study"])

    return run


def names_of(store, study):
    rows = store.read("MATCH (l:Layer {study: $id}) RETURN l.name ORDER BY l.index", {"id": study.id}).rows
    return [name for (name,) in rows]


def test_a_study_tells_its_site_and_is_another_at_each(study, family, store, mri):
    made = {}
    for site in ("residual", "attention", "mlp"):
        made[site] = study(family("gpt2"), "--site", site)
        blocks = ["block 1", "block 2", "block 3"]
        assert names_of(store, made[site]) == (["embedding", *blocks] if site == "residual" else blocks)
        assert f"({site}, mean)" in mri("show", "sites").done().out
        assert json.loads(made[site].parameters)["site"] == site
    assert [made[site].site for site in made] == list(made)
    assert len({made[site].id for site in made}) == 3
    assert study(family("gpt2")).id == made["residual"].id


def test_a_study_of_a_decoders_stack_tells_so(study, family, mri):
    encoder, decoder = study(family("t5")), study(family("t5"), "--stack", "decoder")
    assert (encoder.layers, decoder.layers) == (4, 3)
    assert (decoder.site, json.loads(decoder.parameters)["stack"]) == ("residual", "decoder")
    assert json.loads(decoder.report)["stack"] == "decoder"
    assert "(residual of the decoder, mean)" in mri("show", "sites", "--full").done().out
    assert study(family("t5"), "--stack", "encoder").id == encoder.id != decoder.id


@pytest.mark.parametrize(
    ("name", "options", "fact"),
    [
        ("t5", ("--stack", "decoder", "--pooling", "first"), "--force"),
        ("bert", ("--stack", "decoder"), "one stack only"),
        ("mamba", ("--site", "mlp"), "--site residual"),
        ("bert", ("--site", "residue"), "residual"),
    ],
)
def test_what_a_model_has_not_is_one_line(name, options, fact, mri, family):
    result = mri("ingest", str(files("ingest") / "demo.csv"), "--name", "none", "--model", family(name), *options)
    assert fact in result.refusal()


@pytest.mark.parametrize("choice", [{"site": "mlp"}, {"stack": "decoder"}])
def test_given_activations_have_neither_site_nor_stack(choice):
    with refused(f"--{min(choice)}", kind=UsageError):
        Request(name="given", activations="somewhere", **choice).check()


@pytest.mark.parametrize("choice", [{"site": "mpl"}, {"stack": "decoders"}])
def test_an_unknown_site_or_stack_is_told_with_the_nearest(choice):
    with refused("Near names", kind=UsageError):
        Request(name="s", corpus="c.csv", **choice).check()
