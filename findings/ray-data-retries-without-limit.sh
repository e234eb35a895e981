#!/usr/bin/env bash
# ray 2.60.0 with ray.data (pyarrow 26.0.1).
# Ray's actors are not restarted and their tasks not tried again unless asked (max_restarts=0, max_task_retries=0). Those of
# `Dataset.map_batches` with an actor pool are, and without limit: a batch whose process ends each time, as one that is too
# large for the memory does, is run again and again, no exception is raised, and nothing names the batch.
# With `DataContext.actor_task_retry_on_errors` and `max_errored_blocks` at their defaults.
# Output seen:
#   standard error, from the raylet: "There are infinite retries remaining, so the task will be retried."
#   the batch was begun 6 times, and the pipeline had raised nothing
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check 'ray[data]==2.60.0' pyarrow==26.0.1
"$folder/venv/bin/python" - "$folder/log" 2> /dev/null <<'PYTHON'
import os
import pathlib
import sys
import threading
import time

os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
import ray

TRIES = 6  # of an actor whose tasks are tried again a few times there would be no sixth
log = pathlib.Path(sys.argv[1])
log.touch()
ray.init(num_cpus=3, include_dashboard=False, log_to_driver=False, logging_level="ERROR")
ray.data.DataContext.get_current().enable_progress_bars = False


class Reader:
    def __call__(self, batch):
        if 13 in batch["id"]:
            with log.open("a") as file:
                file.write("begun\n")
            if log.read_text().count("begun") < TRIES:
                os._exit(1)
        return batch


raised = []


def run():
    try:
        ray.data.range(16).map_batches(
            Reader, batch_size=4, compute=ray.data.ActorPoolStrategy(size=1), num_cpus=1
        ).materialize()
    except Exception as error:
        raised.append(error)


running = threading.Thread(target=run, daemon=True)
running.start()
end = time.monotonic() + 240
while running.is_alive() and time.monotonic() < end:
    time.sleep(0.5)
begun = log.read_text().count("begun")
print(f"the batch was begun {begun} times, and the pipeline had raised {raised or 'nothing'}")
assert begun >= TRIES
assert not raised
os._exit(0)
PYTHON
