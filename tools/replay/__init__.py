"""19 August 2019 again, on simulated people: `make replay`."""
