"""Backups: a copy of a home that is consistent, made while it is used, and a home made of such a copy."""
