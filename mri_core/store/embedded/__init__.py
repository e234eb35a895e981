"""The embedded engine of a folder: ArcadeDB in a process of its own, with a supervisor that stops it when idle."""
