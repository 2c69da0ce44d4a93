"""Folds datasets every night, as one YAML lists them."""
