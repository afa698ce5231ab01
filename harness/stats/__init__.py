"""Proportions, quantiles and gates: pure functions of counts and samples."""
