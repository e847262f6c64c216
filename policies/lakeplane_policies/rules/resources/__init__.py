"""Rules about resources of any kind: one file a rule, named by its code."""
