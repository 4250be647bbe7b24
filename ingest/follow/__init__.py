"""Follow files that grow, are rotated, cut, compressed, removed and replaced: every line of them once."""
