"""Deterministic exploration: every order in which the steps of one Update and one Submit can interleave, played on the real stores."""
