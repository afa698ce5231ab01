"""The reference service: a coaching service whose dual write fails the way the incident's did, to measure the harness on."""
