"""Pairs, their significance, and the networks that pass the test of groups."""
