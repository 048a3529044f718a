"""The steps, each a module; what a store has had is written in it."""
