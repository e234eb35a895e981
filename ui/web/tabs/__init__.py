"""The tabs of the page Scan, one module each; `show` draws it."""
