"""Where lines come from and what of them is known: files, streams, content told by digests, checkpoints."""
