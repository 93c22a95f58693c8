"""What reading and writing costs, beside peers and beside floors: `python -m benchmarks`."""
