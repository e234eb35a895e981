"""The commands of `mri` by name: what proposes one need not import it."""

from __future__ import annotations

# name: what it does; each is a module of ui.cli.commands, imported when it is asked for; a keyword ends in _ there
COMMANDS = {
    "demo": "Scan the demo corpus with a small model and print what it found",
    "ingest": "Scan a corpus and store the study",
    "studies": "List the studies",
    "show": "Show what a study found",
    "name": "Name a study's regions, note what is known of them, or list the names",
    "compare": "Test some categories of a study against one another, or two studies in one atlas",
    "confirm": "Test what a study found on texts that took no part in it",
    "match": "Match the regions of two studies of the same documents",
    "intervene": "Change a region's direction in the model and show what follows, next to controls",
    "explain": "Show which tokens put a document or a text in its region",
    "power": "Show what a study of some size could find",
    "metrics": "Measure the graph of a study",
    "probe": "Read the category from each layer of a study",
    "multiverse": "Show a study's headline numbers under other choices of its analysis",
    "plot": "Draw a study into a file",
    "export": "Write a study as files for other programs, or as one file for another store",
    "import": "Take in a study that was exported as a bundle",
    "report": "Write a study as one page to share",
    "delete": "Delete a study",
    "query": "Ask a structural question; without a name, list them",
    "cypher": "Run a read-only Cypher statement",
    "ui": "Open the web page",
    "store": "Look at a store, copy studies, start or stop the embedded engine",
    "cache": "List the activations that are stored on this machine, or free them",
    "doctor": "Check versions, engine, models, disk and memory",
}
