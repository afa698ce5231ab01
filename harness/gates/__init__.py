"""The gates of a run: what is evidence for each, when it is decided, and in which words."""
