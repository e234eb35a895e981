"""Batches run by workers of a Ray cluster, on this machine or others."""
