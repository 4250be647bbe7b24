"""The documents that executors, slotgate and its users exchange.

The pydantic models here are the one source. `schemas.export` writes them as JSON Schemas into
`schemas/json/`; programs that start once per job check documents against those files with
`schemas.check`, because building pydantic models costs more than such a program may spend.
"""
