"""The published control file and its stand-ins: publish durably, read on every decision.

Everything here answers with `CompiledControls`; what cannot be known is answered with controls that
deny everything and say why.
"""
