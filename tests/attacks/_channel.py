"""For attacks on the line: writes frames of its own to the descriptor that leads to the grader."""
import json, socket, struct, threading, time

from autograder.wire import frames


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


def exactly(size):
    """So many bytes from the grader."""
    data = b""
    while len(data) < size:
        data += os.read(3, size - len(data)) or os._exit(0)
    return data


def instead(data):
    """A function that answers with these bytes, and all later calls with what their functions have."""

    def function(*args, **kwargs):
        reply = data
        while True:
            raw(reply)
            name = frames.read(exactly)["steps"][0].get("name")
            reply = getattr(globals().get(name), "data", frame(done(value(None))))

    function.data = data
    return function
