"""Numbers in paths and queries, bounded as the store keeps them."""

from typing import Annotated

from fastapi import Path, Query

LARGEST = 2**31 - 1
Numbered = Annotated[int, Path(ge=1, le=LARGEST)]
"""A request, a debt: what the path names."""
Revision = Annotated[int, Query(ge=1, le=LARGEST)]
Limit = Annotated[int, Query(ge=1, le=500)]
"""At most so many rows in an answer."""
Offset = Annotated[int, Query(ge=0, le=LARGEST)]
