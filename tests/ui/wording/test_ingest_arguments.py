"""A request as a command line: the command reads it back as the same request."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ingest.request import OPTIONS, Request
from tests.planted import HOSTILE
from ui.cli.commands.ingest import command
from ui.wording.ingest_arguments import ingest_arguments

PLAIN = Request(name="news", corpus="news.csv")
EVERYTHING = Request(
    name="-news",
    corpus="-news.csv",
    unit="token",
    tags="--upos",
    subtokens="mean",
    untagged=True,
    text="te xt",
    label=("--label", "a,b"),
    title="",
    id="a=b",
    group="writer",
    fdr="fwer",
    refits=3,
    controls=True,
    limit=40,
    match="length",
    bins=3,
    top=2,
    holdout=0.25,
    held_out=True,
    separator="tab",
    categories=("a, b", 'c "d"', *(text.strip() for text in HOSTILE)),
    model="owner/name",
    revision="v1",
    trust_remote_code=True,
    max_length=12,
    site="mlp",
    stack="decoder",
    pooling="last",
    template="Classify: {text}\n",
    chat=True,
    device="cpu",
    dtype="bfloat16",
    batch_tokens=9,
    compile="off",
    split=True,
    split_memory=1.5,
    engine="ray",
    ray_address="auto",
    workers=2,
    gpus_per_worker=2.0,
    shards="file:///rows",
    atlas_of="another",
    align=True,
    atlas="grid",
    clusters=7,
    reducer="svd",
    resolution=5,
    components=3,
    threshold=0.25,
    standardize=False,
    length_adjust=False,
    fit_on=40,
    seed=11,
    replace=True,
    keep_documents=None,
    force=True,
)


def read_back(arguments: list[str]) -> Request:
    given = command.make_context("ingest", arguments[1:]).params
    return Request(**{name: given[name] for name in OPTIONS})


@pytest.mark.parametrize(
    "request_",
    [PLAIN, EVERYTHING, replace(PLAIN, corpus=None, activations="-folder"), replace(PLAIN, keep_documents=40)],
    ids=["plain", "all", "given", "sample"],
)
def test_the_command_reads_back_what_was_asked_for(request_: Request) -> None:
    assert read_back(ingest_arguments(request_)) == request_


def test_what_is_at_its_default_is_left_out() -> None:
    assert ingest_arguments(PLAIN) == ["ingest", "--name=news", "--", "news.csv"]


def test_every_option_has_another_value_than_its_default_here() -> None:
    same = [name for name, option in OPTIONS.items() if getattr(EVERYTHING, name) == option.default]
    assert same == ["activations"]  # a corpus is given
