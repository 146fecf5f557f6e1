"""Benchmarks: each measures its floor or its peer in the same run (``python -m bench``; docs/benchmarks.md)."""
