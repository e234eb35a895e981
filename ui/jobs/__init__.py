"""Scans in processes of their own, and who may start them."""
