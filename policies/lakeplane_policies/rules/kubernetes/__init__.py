"""Rules about objects in Kubernetes clusters: one file a rule, named by its code."""
