"""Scenario and seed to what is fired and when: pure functions."""
