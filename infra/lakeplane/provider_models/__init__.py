"""What is known about the providers' resource types without asking a provider: names, outputs, ids."""
