"""For attacks on the line: writes frames of its own to the descriptor that leads to the grader."""
import json, socket, struct, threading, time


def raw(data):
    """Write bytes to the line."""
    view = memoryview(data)
    while view:
        view = view[os.write(3, view) :]


def frame(tree, arrays=(), body=b"", magic=b"AGW1", header_size=None, body_size=None):
    """A frame with any of its fields wrong."""
    header = tree if isinstance(tree, bytes) else json.dumps({"v": tree, "a": list(arrays)}).encode()
    sizes = (header_size or len(header)), (len(body) if body_size is None else body_size)
    return struct.pack("!4sIQ", magic, *sizes) + header + body


def done(*outcomes):
    """The tree of a reply."""
    return {"d": [["done", list(outcomes)]]}


def value(tree):
    """The tree of an outcome."""
    return {"d": [["value", tree]]}


def instead(data):
    """A function that answers with these bytes and then never returns."""

    def function(*args, **kwargs):
        raw(data)
        time.sleep(1000)

    return function
