"""Where `mri` starts: what takes a moment to import is imported where Ctrl-C is one line already."""

from __future__ import annotations

import sys


def main() -> None:
    """Runs the command line, which handles its own interrupts once it is there."""
    try:
        from ui.cli.main import main as run

        run()
    except KeyboardInterrupt:
        from ui.cli.interrupts import LINE, STATUS

        print(f"mri: {LINE}", file=sys.stderr)
        sys.exit(STATUS)


if __name__ == "__main__":
    main()
