"""Rules about identities and their rights: one file a rule, named by its code."""
