from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import datasets
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingest.corpus.corpus import CorpusOptions, Skipped, open_corpus
from ingest.corpus.formats.sources import HUB_NAME
from mri_core.errors import UsageError
from tests.ingest.refusal import refused

REPOSITORY = Path(__file__).parents[3]
EXPECTED = [("one", "cat"), ("two", "dog"), ("four", "cat")]


@pytest.fixture(autouse=True, scope="module")
def _no_progress_bars() -> Iterator[None]:
    datasets.disable_progress_bars()
    yield
    datasets.enable_progress_bars()


def small_dataset() -> datasets.Dataset:
    """Four documents, the third without a label, with a column that no corpus needs."""
    features = datasets.Features(
        {
            "text": datasets.Value("string"),
            "label": datasets.ClassLabel(names=["cat", "dog"]),
            "meta": {"tags": datasets.List(datasets.Value("string"))},
        }
    )
    rows = {"text": ["one", "two", "three", "four"], "label": [0, 1, -1, 0], "meta": [{"tags": ["x"]}] * 4}
    return datasets.Dataset.from_dict(rows, features=features)


def pairs(source: str | Path, options: CorpusOptions | None = None) -> list[tuple[str, str]]:
    return [(document.text, document.category) for document in open_corpus(source, options or CorpusOptions())]


def test_class_labels_of_a_saved_dataset_come_back_as_names(tmp_path: Path) -> None:
    small_dataset().save_to_disk(tmp_path / "animals")
    corpus = open_corpus(tmp_path / "animals")
    assert pairs(tmp_path / "animals") == EXPECTED
    assert corpus.source == "animals"
    assert corpus.categories == (("cat", 2), ("dog", 1))
    assert corpus.skipped == Skipped(without_label=1)


def test_class_labels_survive_in_parquet(tmp_path: Path) -> None:
    small_dataset().to_parquet(tmp_path / "animals.parquet")
    assert pairs(tmp_path / "animals.parquet") == EXPECTED


def test_a_dataset_of_several_splits_is_read_from_train_and_says_so(tmp_path: Path) -> None:
    other = datasets.Dataset.from_dict({"text": ["x", "y"], "label": ["p", "q"]})
    datasets.DatasetDict({"test": other, "train": small_dataset()}).save_to_disk(tmp_path / "animals")
    assert pairs(tmp_path / "animals") == EXPECTED
    assert open_corpus(tmp_path / "animals").source == "animals/train"
    assert pairs(tmp_path / "animals" / "test") == [("x", "p"), ("y", "q")]


def test_the_only_split_is_read_whatever_its_name(tmp_path: Path) -> None:
    datasets.DatasetDict({"all": small_dataset()}).save_to_disk(tmp_path / "animals")
    assert open_corpus(tmp_path / "animals").source == "animals/all"


def test_several_splits_without_train_are_refused_with_their_names(tmp_path: Path) -> None:
    splits = {"dev": small_dataset(), "test": small_dataset()}
    datasets.DatasetDict(splits).save_to_disk(tmp_path / "animals")
    with refused("dev, test", "folder of the split"):
        open_corpus(tmp_path / "animals")


def test_all_options_work_on_a_saved_dataset(tmp_path: Path) -> None:
    columns = {"T": [f"text {i}" for i in range(90)], "L": [i % 3 for i in range(90)], "K": list(range(90))}
    datasets.Dataset.from_dict(columns).save_to_disk(tmp_path / "x")
    options = CorpusOptions(text="T", label="L", title="K", id="K", limit=10, categories=("0", "2"), seed=3)
    corpus = open_corpus(tmp_path / "x", options)
    assert corpus.categories == (("0", 5), ("2", 5))
    assert all(document.title == document.text.removeprefix("text ") for document in corpus)
    assert len(list(corpus)) == 10


def test_a_damaged_saved_dataset_is_refused_in_one_line(tmp_path: Path) -> None:
    small_dataset().save_to_disk(tmp_path / "x")
    next((tmp_path / "x").glob("*.arrow")).write_bytes(b"no arrow")
    with refused("x cannot be read as a table"):
        open_corpus(tmp_path / "x")


@pytest.mark.parametrize("state", ["", "{}", "[]", '{"_data_files": 3}'])
def test_a_saved_dataset_with_a_broken_state_is_refused_in_one_line(tmp_path: Path, state: str) -> None:
    small_dataset().save_to_disk(tmp_path / "x")
    (tmp_path / "x" / "state.json").write_text(state)
    with refused("x cannot be read as a table"):
        open_corpus(tmp_path / "x")


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        (pa.array([2.0, None, 3.0]), ["2", "3"]),
        (pa.array([True, None, False]), ["true", "false"]),
        (pa.array(["x", None, "y"]).dictionary_encode(), ["x", "y"]),
        (pa.array([-1, None, 7], pa.int8()), ["-1", "7"]),
        (pa.array([" x", "", "y"], pa.large_string()), ["x", "y"]),
        (pa.array([0.5, float("nan"), -1.5]), ["0.5", "-1.5"]),
    ],
    ids=["whole floats", "truth values", "a pandas category", "integers", "long strings", "floats"],
)
def test_parquet_labels_of_any_simple_type_are_text(tmp_path: Path, labels: pa.Array, names: list[str]) -> None:
    pq.write_table(pa.table({"text": ["a", "b", "c"], "label": labels}), tmp_path / "x.parquet")
    assert [label for _, label in pairs(tmp_path / "x.parquet")] == names


def test_parquet_columns_with_dots_in_their_names_are_read(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a.b": ["one", "two"], "a": ["x", "y"]}), tmp_path / "x.parquet")
    assert pairs(tmp_path / "x.parquet", CorpusOptions(text="a.b", label="a")) == [("one", "x"), ("two", "y")]


@pytest.mark.parametrize(
    ("table", "facts"),
    [
        (pa.table({"text": [b"one"], "label": ["a"]}), ["row 1 of x.parquet", "'text'", "bytes"]),
        (pa.table({"text": ["one", "two"], "label": [["a"], ["b"]]}), ["row 1 of x.parquet", "'label'", "list"]),
        (pa.table({"text": ["one", "t\0wo"], "label": ["a", "b"]}), ["row 2 of x.parquet", "NUL"]),
        (pa.table([["one"], ["two"], ["a"]], ["text", "text", "label"]), ["two called 'text'"]),
        (pa.table({"text": pa.array([], pa.string()), "label": pa.array([], pa.string())}), ["has no rows"]),
        (pa.table({"words": ["one"]}), ["words", "--text"]),
    ],
)
def test_a_bad_table_is_refused_by_what_is_wrong(tmp_path: Path, table: pa.Table, facts: list[str]) -> None:
    pq.write_table(table, tmp_path / "x.parquet")
    with refused(*facts):
        open_corpus(tmp_path / "x.parquet")


def test_a_truncated_parquet_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    small_dataset().to_parquet(path)
    path.write_bytes(path.read_bytes()[:-100])
    with refused("x.parquet cannot be read as a table"):
        open_corpus(path)


def test_parquet_damaged_inside_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    pq.write_table(pa.table({"text": [f"text {i}" for i in range(3000)], "label": ["a", "b"] * 1500}), path)
    content = bytearray(path.read_bytes())
    content[20:200] = b"\xff" * 180
    path.write_bytes(content)
    with refused("x.parquet cannot be read as a table"):
        list(open_corpus(path))


@pytest.mark.parametrize(
    ("source", "parts"),
    [
        ("imdb", ("imdb", None, None)),
        ("owner/name", ("owner/name", None, None)),
        ("owner/name:test", ("owner/name", None, "test")),
        ("owner/name:en-US/validation", ("owner/name", "en-US", "validation")),
    ],
)
def test_a_hub_name_may_carry_a_split_and_a_configuration(source: str, parts: tuple[str | None, ...]) -> None:
    match = HUB_NAME.fullmatch(source)
    assert match is not None
    assert (match["name"], match["config"], match["split"]) == parts


@pytest.mark.parametrize("source", ["", "a/b/c", "./a", "/a/b", "a/", "a b", "a:", "a:b/c/d", "C:\\x", "ö/x"])
def test_other_names_are_no_hub_names(source: str) -> None:
    assert HUB_NAME.fullmatch(source) is None


def in_a_fresh_process(source: str, **environment: str) -> dict[str, Any]:
    """What opening a corpus told in a process of its own: the hub's settings are read when its client is imported."""
    program = """if True:
        import json, sys
        from ingest.corpus.corpus import open_corpus
        from mri_core.errors import MriError
        try:
            corpus = open_corpus(sys.argv[1])
            told = {"source": corpus.source, "revision": corpus.revision}
            told["pairs"] = [(document.text, document.category) for document in corpus]
        except MriError as error:
            told = {"error": str(error), "kind": type(error).__name__}
        print(json.dumps(told))
    """
    known = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
    done = subprocess.run(
        [sys.executable, "-c", program, source],
        cwd=REPOSITORY,
        env={**known, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return {**told, "stderr": done.stderr}


def test_a_hub_that_cannot_be_reached_is_one_line_at_once(tmp_path: Path) -> None:
    told = in_a_fresh_process("owner/name", HF_ENDPOINT="http://127.0.0.1:9", HF_HOME=str(tmp_path))
    assert told["kind"] == "CorpusError"
    assert told["error"].startswith("No such file or folder: owner/name.")
    assert "cannot be reached" in told["error"]
    assert told["error"].isprintable()
    assert told["stderr"] == ""


def test_offline_a_dataset_that_was_never_downloaded_is_one_line(tmp_path: Path) -> None:
    told = in_a_fresh_process("owner/name", HF_HUB_OFFLINE="1", HF_HOME=str(tmp_path))
    assert told["kind"] == "CorpusError"
    assert "owner/name" in told["error"]
    assert "cannot be reached" in told["error"]
    assert told["stderr"] == ""


class _NoSuchRepository(BaseHTTPRequestHandler):
    """A hub on which there is nothing, as the real one answers."""

    def do_GET(self) -> None:
        self.send_response(404)
        self.send_header("X-Error-Code", "RepoNotFound")
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_HEAD = do_GET  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


def test_a_dataset_that_the_hub_does_not_have_is_refused(tmp_path: Path) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), _NoSuchRepository) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        endpoint = f"http://127.0.0.1:{server.server_port}"
        told = in_a_fresh_process("owner/name", HF_ENDPOINT=endpoint, HF_HOME=str(tmp_path))
        server.shutdown()
    assert told["error"].startswith("No such file, folder or dataset: owner/name.")


@pytest.fixture(scope="module")
def downloaded(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Settings of a machine without network that downloaded `owner/animals` before."""
    home = tmp_path_factory.mktemp("home")
    files = home / "animals"
    files.mkdir()
    small_dataset().remove_columns("meta").to_parquet(files / "train.parquet")
    small_dataset().remove_columns("meta").to_parquet(files / "test.parquet")
    builder = datasets.load_dataset_builder(str(files), cache_dir=str(home / "cache"))
    builder.download_and_prepare()
    (home / "cache" / "animals").rename(home / "cache" / "owner___animals")
    return {"HF_HUB_OFFLINE": "1", "HF_HOME": str(home), "HF_DATASETS_CACHE": str(home / "cache")}


@pytest.mark.parametrize("split", ["train", "test"])
def test_a_dataset_downloaded_before_is_read_offline(downloaded: dict[str, str], split: str) -> None:
    told = in_a_fresh_process("owner/animals" if split == "train" else f"owner/animals:{split}", **downloaded)
    assert [tuple(pair) for pair in told["pairs"]] == EXPECTED
    assert told["source"] == f"owner/animals:{split}"
    assert told["revision"]


def test_a_split_that_is_not_there_is_refused_with_near_names(downloaded: dict[str, str]) -> None:
    told = in_a_fresh_process("owner/animals:tset", **downloaded)
    assert told["kind"] == UsageError.__name__
    assert "test" in told["error"]


def test_a_configuration_that_is_not_there_is_refused(downloaded: dict[str, str]) -> None:
    told = in_a_fresh_process("owner/animals:nope/train", **downloaded)
    assert told["kind"] == "CorpusError"
    assert "nope" in told["error"]
