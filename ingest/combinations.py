"""Rows as numbers of the combinations of values that occur in them. Pure."""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pyarrow as pa

_Numbers = npt.NDArray[np.int64]
_MOST_CODES = 2**40


def numbered(columns: Iterable[pa.Array | pa.ChunkedArray]) -> tuple[_Numbers, _Numbers]:
    """The number of each row's combination, and for each number the first row that has it.

    `columns`, one at least, are of one length; null is a value like any other.
    """
    codes, size = np.zeros(1, dtype=np.int64), 1
    for column in columns:
        if column.null_count == len(column):  # one value: nothing to look up
            codes = codes + np.zeros(len(column), dtype=np.int64)
            continue
        indices, distinct = _encoded(column)
        if size * distinct > _MOST_CODES:
            codes, size = _encoded(pa.array(codes))
        codes, size = codes * distinct + indices, size * distinct
    numbers, distinct = _encoded(pa.array(codes))
    first = np.empty(distinct, dtype=np.int64)
    first[numbers[::-1]] = np.arange(len(numbers) - 1, -1, -1)
    return numbers, first


def _encoded(column: pa.Array | pa.ChunkedArray) -> tuple[_Numbers, int]:
    """Each value as a number from 0 on, and how many there are."""
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    if pa.types.is_dictionary(column.type):
        numbers = column.indices.fill_null(len(column.dictionary)).to_numpy().astype(np.int64)
        return numbers, len(column.dictionary) + 1
    encoded = column.dictionary_encode(null_encoding="encode")
    return encoded.indices.to_numpy().astype(np.int64), len(encoded.dictionary)
