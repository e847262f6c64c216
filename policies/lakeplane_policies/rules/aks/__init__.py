"""Rules about AKS clusters: one file a rule, named by its code."""
