"""A process that has imported what a scan needs and scans in children, which can be killed: `Scanner` starts it.

Run as `python -m tests.ingest.scanner CORPUS MODEL LOG`: each line on standard input begins a scan or awaits one.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

BATCH = "batch"
TOKENS = 1_500  # in a batch: few, so that a scan of few texts has many batches
PROBED = 100  # tokens: what a model is looked at with before its first batch is smaller


@dataclass(frozen=True)
class Scanner:
    """Scans of one corpus with one model; the log has a line for each batch that the model was given, and the notes."""

    process: subprocess.Popen[str]
    log: Path

    def start(self) -> int:
        """Begins a scan; its process."""
        return self._ask("scan")

    def wait(self, child: int) -> int:
        """How a scan ended: 0, or the signal that killed it as a negative number."""
        return self._ask(f"wait {child}")

    @property
    def batches(self) -> int:
        """That the model was given in all scans."""
        return self.lines.count(BATCH)

    @property
    def lines(self) -> list[str]:
        """Of the log."""
        return self.log.read_text().splitlines() if self.log.exists() else []

    def _ask(self, what: str) -> int:
        cast(IO[str], self.process.stdin).write(f"{what}\n")
        cast(IO[str], self.process.stdin).flush()
        return int(cast(IO[str], self.process.stdout).readline())


@contextmanager
def scanning(corpus: Path, model: Path, folder: Path) -> Iterator[Scanner]:
    """A scanner with a cache and a log in a folder."""
    log = folder / "log"
    with subprocess.Popen(
        [sys.executable, "-m", "tests.ingest.scanner", corpus, model, log],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "MRI_CACHE": str(folder / "cache"), "OMP_NUM_THREADS": "1"},
    ) as process:
        yield Scanner(process, log)
        cast(IO[str], process.stdin).close()


def main(corpus: str, model: str, log: str) -> None:
    """Serves until standard input ends."""
    import transformers.models.gpt2.modeling_gpt2  # noqa: F401

    import ingest.cache.cached
    import ingest.extract.extraction
    import ingest.model.loading
    import ingest.scan.opening  # noqa: F401 -- all imported once for all children

    for line in sys.stdin:
        what, *child = line.split()
        if what == "wait":
            answer = os.waitstatus_to_exitcode(os.waitpid(int(child[0]), 0)[1])
        else:
            answer = os.fork()
            if answer == 0:
                scan(corpus, model, log)
        print(answer, flush=True)


def scan(corpus: str, model: str, log: str) -> None:
    """What a child does."""
    import torch

    from ingest.progress import Silent
    from ingest.request import Request
    from ingest.run import Run
    from ingest.scan.opening import open_scan

    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def tell(line: str) -> None:
        os.write(descriptor, f"{line}\n".encode())

    class Telling(Silent):
        def note(self, line: str) -> None:
            tell(line)

    def entered(module: torch.nn.Module, args: Any) -> None:
        if isinstance(module, torch.nn.Embedding) and len(args[0]) > 1 and args[0].numel() > PROBED:
            tell(BATCH)

    torch.nn.modules.module.register_module_forward_pre_hook(entered)
    try:
        open_scan(Request(corpus=corpus, model=model, name="scan", batch_tokens=TOKENS)).read(Run(Telling()))
    except Exception as error:  # noqa: BLE001 -- the test sees it in the log
        tell(f"{type(error).__name__}: {error}")
        os._exit(1)
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
