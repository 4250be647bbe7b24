"""How long raw lines of a home are kept: the facts that decide it, gathered."""
