"""One call a job."""
