"""What must not be forgotten: revisions, requests, approvals, evidence, operators, tokens, the audit chain.

SQL through SQLAlchemy Core; what only one database knows is in `sqlite.py` and
`postgresql.py`.
"""
