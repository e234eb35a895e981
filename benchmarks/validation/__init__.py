"""Does the method find what is there, and nothing else? Simulated studies whose truth is known.

Each module prints JSON lines; `docs/validation.md` has the commands and what came out. Minutes each, on one processor.
"""
