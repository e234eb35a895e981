"""What the page shows and has read: as it stands in the address, in the session, and in the server."""
