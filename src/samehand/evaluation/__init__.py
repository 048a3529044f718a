"""Detectors and peers run on worlds and labelled sets."""
