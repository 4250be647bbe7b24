"""How runs under `slotgate exec` ended: whether each said one line, and whether its result can be true."""
