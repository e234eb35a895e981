"""A Hugging Face hub on this machine: as much of it as datasets of small files need, by its public API."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN = "hf_" + "a" * 34


@dataclass
class Dataset:
    """A dataset: whether it is private, and its files after each commit, the oldest first."""

    private: bool
    commits: list[dict[str, bytes]] = field(default_factory=lambda: [{}])

    def sha(self, number: int = -1) -> str:
        """The name of a commit."""
        return hashlib.sha1(str(number % len(self.commits)).encode()).hexdigest()

    def files(self, revision: str) -> tuple[str, dict[str, bytes]] | None:
        """A commit's name and files; None where there is none of that name."""
        names = {self.sha(number): number for number in range(len(self.commits))}
        number = len(self.commits) - 1 if revision == "main" else names.get(revision)
        return None if number is None else (self.sha(number), self.commits[number])


@dataclass
class Hub:
    """A hub that runs: its address, and its datasets by owner and name."""

    endpoint: str
    datasets: dict[str, Dataset]


@contextmanager
def local_hub() -> Iterator[Hub]:
    """A hub on loopback for as long as the context lasts; whoever has `TOKEN` may read and write everything."""
    datasets: dict[str, Dataset] = {}

    class Handler(_Handler):
        known = datasets

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Hub(f"http://127.0.0.1:{server.server_port}", datasets)
        server.shutdown()


class _Handler(BaseHTTPRequestHandler):
    known: dict[str, Dataset]

    def do_POST(self) -> None:
        body = (
            self.rfile.read(int(self.headers.get("Content-Length") or 0)) if self.headers.get("Content-Length") else b""
        )
        if self.headers.get("Transfer-Encoding") == "chunked":
            body = self._chunks()
        if self.path == "/api/validate-yaml":
            return self._answer({"errors": [], "warnings": []})
        if not self._allowed():
            return self._refuse(401, "")
        if self.path == "/api/repos/create":
            return self._create(json.loads(body))
        repo, action = re.fullmatch(
            r"/api/datasets/([^/]+/[^/]+)/(preupload|commit)/main", self.path.split("?")[0]
        ).groups()
        dataset = self.known[repo]
        if action == "preupload":
            paths = [file["path"] for file in json.loads(body)["files"]]
            return self._answer(
                {"files": [{"path": path, "uploadMode": "regular", "shouldIgnore": False} for path in paths]}
            )
        added = [json.loads(line) for line in body.splitlines()]
        files = {
            line["value"]["path"]: base64.b64decode(line["value"]["content"]) for line in added if line["key"] == "file"
        }
        dataset.commits.append({**dataset.commits[-1], **files})
        address = f"http://{self.headers['Host']}/datasets/{repo}/commit/{dataset.sha()}"
        return self._answer({"success": True, "commitUrl": address, "commitOid": dataset.sha(), "pullRequestUrl": None})

    def do_GET(self) -> None:
        info = re.fullmatch(r"/api/datasets/([^/]+/[^/]+)(?:/revision/(\w+))?", self.path.split("?")[0])
        file = re.fullmatch(r"/datasets/([^/]+/[^/]+)/resolve/([^/]+)/(.+)", self.path)
        repo = (info or file)[1] if info or file else ""
        dataset = self.known.get(repo)
        if dataset is None or (dataset.private and not self._allowed()):
            return self._refuse(404 if self._allowed() else 401, "RepoNotFound")
        found = dataset.files((info or file)[2] or "main")
        if found is None:
            return self._refuse(404, "RevisionNotFound")
        sha, files = found
        if info:
            listed = [{"rfilename": name} for name in files]
            return self._answer({"id": repo, "sha": sha, "private": dataset.private, "tags": [], "siblings": listed})
        if file[3] not in files:
            return self._refuse(404, "EntryNotFound", sha)
        content = files[file[3]]
        etag = hashlib.sha1(content).hexdigest()
        return self._send(200, content, {"ETag": f'"{etag}"', "X-Repo-Commit": sha, "Accept-Ranges": "bytes"})

    do_HEAD = do_GET  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""

    def _create(self, asked: dict[str, Any]) -> None:
        repo = "/".join(filter(None, (asked.get("organization"), asked["name"])))
        address = {"url": f"http://{self.headers['Host']}/datasets/{repo}", "name": repo}
        if repo in self.known:
            return self._answer({**address, "error": "You already created this dataset repo"}, 409)
        private = asked.get("private", asked.get("visibility") == "private")
        self.known[repo] = Dataset(bool(private))
        return self._answer(address)

    def _allowed(self) -> bool:
        return self.headers.get("Authorization") == f"Bearer {TOKEN}"

    def _chunks(self) -> bytes:
        content = b""
        while size := int(self.rfile.readline(), 16):
            content += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return content

    def _answer(self, value: Any, status: int = 200) -> None:
        self._send(status, json.dumps(value).encode(), {"Content-Type": "application/json"})

    def _refuse(self, status: int, code: str, sha: str = "") -> None:
        headers = {name: value for name, value in (("X-Error-Code", code), ("X-Repo-Commit", sha)) if value}
        self._send(status, b"", headers)

    def _send(self, status: int, content: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)
