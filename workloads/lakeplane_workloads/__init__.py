"""What runs on the platform: portable jobs and services that take parameters, never infrastructure."""
