"""Reads a file outside its folder in every way that Python and NumPy have."""
import fileinput, io, linecache, mmap, pathlib, runpy, shutil, tokenize

SECRET = FACTS["secret"]


def by_mmap():
    with open(SECRET, "rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)[:]


WAYS = [
    lambda: open(SECRET).read(),
    lambda: os.read(os.open(SECRET, os.O_RDONLY), 100),
    lambda: io.FileIO(SECRET).readall(),
    lambda: pathlib.Path(SECRET).read_bytes(),
    lambda: np.fromfile(SECRET, np.uint8).tobytes(),
    lambda: np.memmap(SECRET, np.uint8, "r").tobytes(),
    lambda: np.loadtxt(SECRET, dtype=str).tobytes(),
    lambda: "".join(linecache.getlines(SECRET)) or 1 / 0,
    lambda: tokenize.open(SECRET).read(),
    lambda: "".join(fileinput.input(SECRET)),
    lambda: shutil.copy(SECRET, "copy"),
    lambda: runpy.run_path(SECRET),
    by_mmap,
]
for number, way in enumerate(WAYS):
    try:
        way()
    except Exception:
        continue
    breached(f"way {number}")
