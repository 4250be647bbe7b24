"""The page Audit log: the chain newest first, one record in full, its verification, and files of it."""
