"""Rules about Azure Machine Learning: one file a rule, named by its code."""
