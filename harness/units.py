"""Factors between the units of time that names carry."""

NS_PER_MS = 1_000_000
NS_PER_S = 1_000_000_000
US_PER_S = 1_000_000
MS_PER_S = 1_000
