"""Training workloads, one framework a module."""
