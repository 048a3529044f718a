"""Steps from one schema of the store to the next; they name tables and import no room."""
