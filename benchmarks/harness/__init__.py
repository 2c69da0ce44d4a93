"""Runs Pleat and its rivals in turn, each in processes of its own, and prints medians and their ratio."""
