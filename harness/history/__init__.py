"""The runs in a results folder: read, named, listed, compared with each other, and removed when they are old."""
