"""The command line as the page starts it: `python -m ui.cli.scan_process ingest …`."""

from __future__ import annotations

import signal

from ui.cli.main import main

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored in what was started in a shell's background
    main()
