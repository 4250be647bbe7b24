"""What a layout added to the table of sources.

`beginnings`: the digests of a source's first 256, 2,048 and 16,384 bytes, as far as it has so many; null in
rows of before, and shorter than that where reading went on in one of those.
"""

BEGINNINGS = """
ALTER TABLE source ADD COLUMN beginnings BLOB[];
"""
