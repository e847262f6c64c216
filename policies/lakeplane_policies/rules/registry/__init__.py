"""Rules about container registries: one file a rule, named by its code."""
