"""What must not be forgotten: revisions, requests, approvals, evidence, operators, tokens, the audit chain.

SQL through SQLAlchemy Core; what only SQLite knows is in `sqlite.py`.
"""
