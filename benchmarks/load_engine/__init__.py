"""How exactly and how fast pairs of calls are fired: this engine, Locust, and the bare floors, on one trivial target."""
