"""The rollout bucket of a jobId (CONTRACTS section 6; vectors in tests/golden/bucket.json).

The hash never changes: a job keeps its bucket for ever. It is uneven on sequential ids, so an
expected share is computed from the jobIds seen, never as percent times count.
"""

BUCKETS = 100


def bucket(job_id: str) -> int:
    """The bucket, 0..99: h = (31·h + c) mod 2^32 over the UTF-16 code units c, then h mod 100."""
    h = 0
    for unit in job_id.encode("ascii") if job_id.isascii() else _utf16_units(job_id):
        h = (31 * h + unit) & 0xFFFFFFFF
    return h % BUCKETS


def _utf16_units(text: str) -> list[int]:
    data = text.encode("utf-16-le", "surrogatepass")
    return [low | high << 8 for low, high in zip(data[::2], data[1::2], strict=True)]
