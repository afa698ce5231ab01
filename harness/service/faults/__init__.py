"""The planted faults: `changes` says what each one is, the other modules hold what data alone cannot say. docs/faults.md is their list."""
