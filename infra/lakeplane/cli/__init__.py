"""The command line: one verb a file, thin; the only room that knows all others."""
