"""Finding or building the Pulumi CLI, and driving it."""
