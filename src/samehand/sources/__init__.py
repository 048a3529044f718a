"""Readers of platforms' and tools' files, which turn them into records."""
