"""Runs the self-test with the engine's sandbox alone: no NumPy, any Python, any user.

Called by the tests as ``python probe_alone.py ENGINE_ROOT FOLDER LAYERS``; prints what holds as JSON.
"""

import json
import os
import socket
import sys
from pathlib import Path

root, folder, layers = sys.argv[1:4]
sys.path.insert(0, root)
from autograder.sandbox import enter, probe  # noqa: E402

LARGE = 1 << 45


def canaries():
    outside, scratch = Path(folder, "outside"), Path(folder, "scratch")
    for place in (outside, scratch):
        place.mkdir()
    (outside / "secret").write_text("secret")
    lines = {}
    for name, family, kind, address in (
        ("tcp", socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0)),
        ("udp", socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0)),
        ("unix", socket.AF_UNIX, socket.SOCK_STREAM, str(outside / "socket")),
        ("datagram", socket.AF_UNIX, socket.SOCK_DGRAM, str(outside / "datagram")),
        ("abstract", socket.AF_UNIX, socket.SOCK_STREAM, f"\0probe-alone-{os.getpid()}"),
    ):
        lines[name] = socket.socket(family, kind)
        lines[name].bind(address)
        if kind == socket.SOCK_STREAM:
            lines[name].listen(8)
    facts = {"scratch": str(scratch), "secret": str(outside / "secret"), "folder": str(outside)}
    facts |= {name: lines[name].getsockname()[1] for name in ("tcp", "udp")}
    facts |= {name: lines[name].getsockname() for name in ("unix", "datagram")}
    facts |= {"abstract": f"\0probe-alone-{os.getpid()}", "victim": os.getpid()}
    return lines, facts | {"memory_bytes": 1 << 30, "file_bytes": 1 << 20}


kept, facts = canaries()
limits = {"memory_bytes": 1 << 30, "cpu_s": 20, "file_bytes": 1 << 20, "open_files": 64, "processes": 64}
if layers == "none":
    limits |= {"memory_bytes": LARGE, "file_bytes": LARGE, "processes": 4096}
request = {
    **{"kind": "probe", "scratch": facts["scratch"], "limits": limits, "sockets": []},
    "layers": [] if layers == "none" else layers.split(","),
    **{"read": [sys.prefix, sys.base_prefix, "/lib", "/usr/lib"], "list": []},
}
read, write = os.pipe()
if os.fork() == 0:
    try:
        os.chdir(facts["scratch"])
        enter.enter(request)
        os.write(write, json.dumps(probe.run(facts)).encode())
    finally:
        os._exit(0)
os.close(write)
print(os.read(read, 1 << 16).decode())
