"""What a study found as one file to share: a page that explains itself, needs no network, and can be printed."""
