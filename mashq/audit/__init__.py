"""Audits of the checks: what right and wrong code earns, measured."""
