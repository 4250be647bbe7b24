"""Outcomes as Arrow columns. Rows are never inserted one by one."""

from collections.abc import Sequence
from operator import attrgetter
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from gates.decision import bucket
from ingest.contract.outcomes import Accepted, Claims, Noise, Quarantined

WORD = pa.dictionary(pa.int32(), pa.string())
"""Text that is mostly one of few: each of them is there once, and a row has its number."""

RECORDS = pa.schema(
    [
        ("line_offset", pa.int64()),
        ("record_index", pa.int32()),
        ("native_id", pa.string()),
        ("line_time_ns", pa.int64()),
        ("stream", WORD),
        ("container", pa.string()),
        ("executor_version", WORD),
        ("job_id", pa.string()),
        ("bucket", pa.uint8()),
        ("path", WORD),
        ("status", WORD),
        ("error_code", WORD),
        ("latency_ms", pa.float64()),
        ("contradiction", WORD),
    ]
)
"""One telemetry record a row; `line_offset` counts from the start of the source."""

CLAIMS = pa.struct(
    [
        ("emitted_ns", pa.int64()),
        ("controls_revision", pa.int64()),
        ("gate", pa.string()),
        ("rule_id", pa.string()),
        ("bucket", pa.uint8()),
        ("attempt", pa.int32()),
        ("model", pa.string()),
        ("input_tokens", pa.int64()),
        ("output_tokens", pa.int64()),
        ("total_tokens", pa.int64()),
        ("request_id", pa.string()),
        ("contradiction", pa.string()),
    ]
)
"""What v2 lines say beyond v1: a column `claims` behind those of `RECORDS`, where there is such a line."""

_QUARANTINE = pa.schema(
    [
        ("line_offset", pa.int64()),
        ("record_index", pa.int32()),
        ("native_id", pa.string()),
        ("line_time_ns", pa.int64()),
        ("cause", pa.string()),
        ("detail", pa.string()),
        ("raw", pa.binary()),
        ("claims_openai", pa.bool_()),
    ]
)

Outcomes = TypeVar("Outcomes")
Located = Sequence[tuple[int, Outcomes]]
"""Outcomes with the offset of their line in the source."""


def words(values: Sequence[str], numbers: npt.NDArray[np.int32]) -> pa.DictionaryArray:
    """Of each row the value of its number; null where that is negative."""
    indices = pa.array(numbers, mask=numbers < 0)
    return pa.DictionaryArray.from_arrays(indices, pa.array(values, pa.string()))


def records(accepted: Located[Accepted]) -> pa.Table:
    """`accepted` as columns of `RECORDS`, and `claims` where one has some."""
    if not accepted:
        return RECORDS.empty_table()
    rows = [_fields(one) for _, one in accepted]
    indexes, native, times, streams, containers, versions, jobs, *rest = zip(*rows, strict=True)
    columns = [
        [offset for offset, _ in accepted],
        indexes,
        native,
        times,
        streams,
        containers,
        versions,
        jobs,
        list(map(bucket, jobs)),
        *rest,
    ]
    table = pa.table(
        [pa.array(column, type=kind.type) for column, kind in zip(columns, RECORDS, strict=True)],
        schema=RECORDS,
    )
    claims = [one.claims for _, one in accepted]
    if not any(claims):
        return table
    return table.append_column("claims", _of_claims(claims))


def joined(tables: Sequence[pa.Table]) -> pa.Table:
    """Tables of records below each other; who has no `claims` has none."""
    return pa.concat_tables(tables, promote_options="default")


def claims(records: pa.Table) -> pa.Table:
    """What the records claim, a row for each that does, with its place. `records` has a column of claims."""
    claiming = records.filter(records["claims"].is_valid())
    fields = claiming["claims"].combine_chunks().flatten()
    places = {name: claiming[name] for name in ("line_offset", "record_index")}
    return pa.table({**places, **dict(zip((kind.name for kind in CLAIMS), fields, strict=True))})


def quarantine(held: Located[Quarantined]) -> pa.Table:
    """`held` as columns."""
    return pa.Table.from_pylist(
        [
            {
                "line_offset": offset,
                "record_index": one.index,
                "native_id": one.native_id,
                "line_time_ns": one.time_ns,
                "cause": one.cause.value,
                "detail": one.detail,
                "raw": one.raw,
                "claims_openai": one.claims_openai,
            }
            for offset, one in held
        ],
        schema=_QUARANTINE,
    )


def noise(samples: Located[Noise]) -> pa.Table:
    """`samples` as columns."""
    offsets = pa.array([offset for offset, _ in samples], pa.int64())
    return pa.table({"line_offset": offsets, "raw": pa.array([one.raw for _, one in samples], pa.binary())})


def _of_claims(claims: Sequence[Claims | None]) -> pa.Array:
    """Field by field: a dictionary for each line would cost most of a load."""
    said = [_NOTHING if one is None else _claimed(one) for one in claims]
    fields = [
        pa.array(values, kind.type) for values, kind in zip(zip(*said, strict=True), CLAIMS, strict=True)
    ]
    is_absent = pa.array([one is None for one in claims])
    return pa.StructArray.from_arrays(fields, fields=list(CLAIMS), mask=is_absent)


_claimed = attrgetter(*(kind.name for kind in CLAIMS))
_NOTHING = (None,) * len(CLAIMS)


_fields = attrgetter(
    "index",
    "native_id",
    "time_ns",
    "stream",
    "container",
    "executor_version",
    "job_id",
    "path",
    "status",
    "error_code",
    "latency_ms",
    "contradiction",
)
