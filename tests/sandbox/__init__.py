"""Attacks on the sandbox, each made from inside a notebook cell."""
