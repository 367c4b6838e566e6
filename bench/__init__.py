"""Benchmarks: ours and a peer in the same run. `make bench` prints them all."""
