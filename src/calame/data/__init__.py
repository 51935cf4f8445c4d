"""Data sets: what they are, where they are, how they are fetched and read; no learning, no network but in `fetch`."""
