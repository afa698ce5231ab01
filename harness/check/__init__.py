"""Observations to verdicts: pure functions that see what the stores held and what the calls said, and nothing else."""
