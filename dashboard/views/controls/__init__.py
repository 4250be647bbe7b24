"""The Controls page: what is in force, what may come next, what can be taken away, and under which mode."""
