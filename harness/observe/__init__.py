"""Reads both stores into one snapshot type; nothing here writes."""
