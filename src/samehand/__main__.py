"""`python -m samehand`: the command line."""

from samehand.cli import main

main()
