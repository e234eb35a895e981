"""Which files of a model's folder are its identity, and what is said of folders that are no model's."""

import hashlib
import json
import shutil

import pytest

from ingest.model.hub_snapshot import check_unedited
from ingest.model.source import resolve, resolve_again
from mri_core.errors import ModelError
from tests.ingest.refusal import refused

POINTER = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'4d' * 32}\nsize 90868376\n"


@pytest.fixture
def folder(tiny, tmp_path):
    """A copy of the tiny BERT to change."""
    return shutil.copytree(tiny("bert"), tmp_path / "model")


def put(folder, name, content="x"):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return path


@pytest.mark.parametrize(
    "name",
    [
        "chat_template.jinja",
        "chat_template.json",
        "additional_chat_templates/tools.jinja",
        "spiece.model",
        "vocab.txt",
        "merges.txt",
        "added_tokens.json",
        "generation_config.json",
        "preprocessor_config.json",
        "modeling_own.py",
        "own/attention.py",
        "tekken.json",
        "anything.of_no_known_kind",
    ],
)
def test_a_file_that_can_matter_changes_the_revision_when_it_comes_and_when_it_changes(folder, name):
    revisions = [resolve(str(folder)).revision]
    for content in ("one", "two"):
        put(folder, name, content)
        revisions.append(resolve(str(folder)).revision)
    assert len(set(revisions)) == 3


@pytest.mark.parametrize(
    "name",
    [
        "README.md",
        "LICENSE",
        ".gitattributes",
        ".git/HEAD",
        "onnx/model.onnx",
        "tf_model.h5",
        "1_Pooling/config.json",
        "modules.json",
        "picture.png",
        "checkpoint-500/model.safetensors",
        "training_args.bin",
    ],
)
def test_a_file_that_is_never_read_changes_nothing(folder, name):
    before = resolve(str(folder)).revision
    put(folder, name)
    assert resolve(str(folder)).revision == before


def test_the_revision_of_a_folder_is_what_it_was_before_other_files_counted(folder):
    digest = hashlib.sha256()
    for name in ("config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"):
        digest.update(name.encode() + b"\0" + hashlib.sha256((folder / name).read_bytes()).digest())
    assert sorted(file.name for file in folder.iterdir())[-1] == "tokenizer_config.json"
    assert resolve(str(folder)).revision == digest.hexdigest()[:16]


def test_the_models_in_packages_have_the_revisions_that_studies_know():
    assert resolve("minilm").revision == "d340056d3f7a38ad"


def test_a_study_of_a_revision_from_before_other_files_counted_finds_its_model_again(folder):
    former = resolve(str(folder)).revision  # of a folder in which nothing else counts
    put(folder, "generation_config.json", "{}")
    assert resolve(str(folder)).revision != former
    assert resolve_again(str(folder), former).revision == former
    put(folder, "config.json", (folder / "config.json").read_text() + " ")
    with refused("other weights, tokenizer or templates now", former, kind=ModelError):
        resolve_again(str(folder), former)


def test_a_gguf_file_is_told_by_the_chat_template_beside_it_as_well(tmp_path):
    file = put(tmp_path, "some.gguf")
    alone = resolve(str(file)).revision
    assert alone == hashlib.sha256(b"x").hexdigest()[:16]
    put(tmp_path, "README.md")
    assert resolve(str(file)).revision == alone
    put(tmp_path, "chat_template.jinja")
    assert resolve(str(file)).revision != alone


def _pointer(folder):
    put(folder, "model.safetensors", POINTER)


def _pointed_tokenizer(folder):
    put(folder, "tokenizer.json", POINTER)


def _adapter(folder):
    put(folder, "adapter_config.json", json.dumps({"base_model_name_or_path": "org/base"}))


def _deeper(folder):
    shutil.move(folder, folder.parent / "moved")
    shutil.move(folder.parent / "moved", folder / "checkpoint-500")


def _in_a_cache(folder):
    shutil.move(folder, folder.parent / "moved")
    shutil.move(folder.parent / "moved", folder / "snapshots" / "0123")


def _several(folder):
    shutil.copytree(folder, folder / "checkpoint-1000")
    shutil.copytree(folder, folder / "checkpoint-500", ignore=shutil.ignore_patterns("checkpoint*"))
    (folder / "config.json").unlink()


def _no_weights(folder):
    (folder / "model.safetensors").unlink()


def _onnx(folder):
    (folder / "model.safetensors").unlink()
    put(folder, "onnx/model.onnx")


def _lost_part(folder):
    (folder / "model.safetensors").unlink()
    put(folder, "pytorch_model-00001-of-00002.bin")
    parts = {"a": "pytorch_model-00001-of-00002.bin", "b": "pytorch_model-00002-of-00002.bin"}
    put(folder, "pytorch_model.bin.index.json", json.dumps({"weight_map": parts}))


def _empty(folder):
    put(folder, "model.safetensors", "")


def _pipeline(folder):
    shutil.copytree(folder, folder / "text_encoder")
    put(folder, "model_index.json", "{}")
    (folder / "config.json").unlink()


@pytest.mark.parametrize(
    ("break_it", "facts"),
    [
        (_pointer, ["model.safetensors", "Git LFS pointer", "git lfs pull"]),
        (_pointed_tokenizer, ["tokenizer.json", "Git LFS pointer", "git lfs pull"]),
        (_adapter, ["has both model.safetensors and adapter_config.json", "Move the adapter_* files"]),
        (_deeper, ["no config.json", "one lies deeper", "{folder}/checkpoint-500"]),
        (_in_a_cache, ["one lies deeper", "{folder}/snapshots/0123"]),
        (_several, ["2 lie deeper", "{folder}/checkpoint-1000, {folder}/checkpoint-500"]),
        (_no_weights, ["has none", "Fetch them"]),
        (_onnx, ["only onnx/model.onnx"]),
        (_lost_part, ["lacks 1 of 2: pytorch_model-00002-of-00002.bin"]),
        (_empty, ["model.safetensors of 'model' is empty"]),
        (_pipeline, ["diffusers", "{folder}/text_encoder"]),
    ],
)
def test_a_folder_that_is_no_whole_model_says_what_it_is_and_what_to_do(folder, break_it, facts):
    break_it(folder)
    with refused(*(fact.format(folder=folder) for fact in facts), kind=ModelError):
        resolve(str(folder))


@pytest.mark.parametrize("how", ["in its place", "instead of its link"])
def test_a_snapshot_of_the_hub_that_was_edited_is_refused(tmp_path, how):
    content = b"{{ messages }}"
    blob = tmp_path / "blobs" / hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
    blob.parent.mkdir()
    blob.write_bytes(content)
    large = tmp_path / "blobs" / hashlib.sha256(b"weights").hexdigest()
    large.write_bytes(b"weights")
    snapshot = tmp_path / "snapshots" / "0123"
    snapshot.mkdir(parents=True)
    (snapshot / "chat_template.jinja").symlink_to(blob)
    (snapshot / "tokenizer.json").symlink_to(large)
    check_unedited(snapshot)
    if how == "instead of its link":
        (snapshot / "chat_template.jinja").unlink()
    (snapshot / "chat_template.jinja").write_bytes(b"another")
    with refused("chat_template.jinja", str(snapshot), kind=ModelError):
        check_unedited(snapshot)
