"""What lies in a pipe or a socket, looked at and left there: system calls that Python has no name for."""

import ctypes
import os
import stat

from gates.executor.exec.streams import set_pipe_size

_LIBC = ctypes.CDLL(None)
_MOST_OF_A_PIPE = 1 << 20
_MOST_OF_A_SOCKET = 1 << 20
_NEARLY_FULL = 1 << 15  # of the 64 KiB that a pipe has at first
_NOT_WAITING = 2  # SPLICE_F_NONBLOCK
_PEEK_NOT_WAITING = 0x02 | 0x40  # MSG_PEEK, MSG_DONTWAIT

_LIBC.tee.restype = _LIBC.recv.restype = ctypes.c_ssize_t
_LIBC.tee.argtypes = (ctypes.c_int, ctypes.c_int, ctypes.c_size_t, ctypes.c_uint)
_LIBC.recv.argtypes = (ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)


def content(descriptor: int) -> bytes:
    """What can be read now; empty for what is neither pipe nor socket. Raises `OSError`."""
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISFIFO(mode):
        return _of_pipe(descriptor)
    return _of_socket(descriptor) if stat.S_ISSOCK(mode) else b""


def _of_pipe(descriptor: int) -> bytes:
    """tee(2) copies pages from pipe to pipe. One that is nearly full is made larger, so that all can come."""
    ours, into = os.pipe()
    try:
        set_pipe_size(into, _MOST_OF_A_PIPE)
        size = _LIBC.tee(descriptor, into, _MOST_OF_A_PIPE, _NOT_WAITING)
        if size >= _NEARLY_FULL:
            set_pipe_size(descriptor, _MOST_OF_A_PIPE)
        return os.read(ours, size) if size > 0 else b""
    finally:
        os.close(ours)
        os.close(into)


def _of_socket(descriptor: int) -> bytes:
    space = ctypes.create_string_buffer(_MOST_OF_A_SOCKET)
    size = _LIBC.recv(descriptor, space, _MOST_OF_A_SOCKET, _PEEK_NOT_WAITING)
    return space.raw[:size] if size > 0 else b""
