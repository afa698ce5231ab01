"""Fires the planned calls on time, from a process of its own; the only client-side gRPC."""
