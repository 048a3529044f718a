"""samehand: finds the accounts that are moved by the same hand, and shows the work."""

__version__ = "0.1.0"
__all__ = ["__version__"]
