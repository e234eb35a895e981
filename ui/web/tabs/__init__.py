"""The tabs of the pages Scan and Compare, one module each; `show` draws it."""
