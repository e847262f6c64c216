"""Provision a data and machine-learning platform on Azure, and rehearse all of it on a laptop."""

__version__ = "0.1.0"
