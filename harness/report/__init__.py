"""What a run leaves behind: the versioned document, its files, and its rendering for a terminal."""
