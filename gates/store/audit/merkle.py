"""The RFC 6962 Merkle tree root over leaves that come one by one, in logarithmic memory."""

from hashlib import sha256

_NODE = b"\x01"


class MerkleRoot:
    """Holds the roots of the full subtrees, largest first."""

    def __init__(self) -> None:
        self._size = 0
        self._peaks: list[bytes] = []

    @property
    def size(self) -> int:
        """How many leaves were added."""
        return self._size

    def add(self, leaf: bytes) -> None:
        """Append a leaf, already hashed."""
        node, rest = leaf, self._size
        while rest & 1:
            node = sha256(_NODE + self._peaks.pop() + node).digest()
            rest >>= 1
        self._peaks.append(node)
        self._size += 1

    def root(self) -> bytes:
        """The root over all leaves so far; over none, the hash of nothing."""
        if not self._peaks:
            return sha256().digest()
        node = self._peaks[-1]
        for peak in reversed(self._peaks[:-1]):
            node = sha256(_NODE + peak + node).digest()
        return node
