"""The commands of `mri`, one module each; `command` is what runs."""
