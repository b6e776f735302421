"""Files of one submission that lie among others' are put into a folder of their own."""

from __future__ import annotations

import shutil
from pathlib import Path, PurePosixPath

from autograder.course.downloads.handed_in import HandedIn
from autograder.course.names import ending_of, fold, shown, to_file
from autograder.course.place import OnDisk, Place
from autograder.course.unpack import is_made_by_systems
from autograder.errors import InvalidSubmission, UsageError
from autograder.intake import archive
from autograder.intake.read import MAX_FILES, MAX_TOTAL_BYTES


class Assembly:
    """Makes folders below one of ours, as they are needed.

    Parameters
    ----------
    unpack : Path
        Need not exist.
    """

    def __init__(self, unpack: Path):
        self._unpack = unpack
        self._base: Path | None = None
        self.left_out: list[str] = []
        """Sentences on files that could not be taken along."""

    def path(self, handed_in: HandedIn, student: str, number: int) -> Path:
        """Where a submission lies: where it lay, if that is possible.

        Parameters
        ----------
        handed_in : HandedIn
        student : str
            Id; the folder is called so.
        number : int
            Of the attempt.
        """
        files = handed_in.files
        if len(files) == 1:
            direct = _direct(*files[0])
            if direct is not None and direct.name.isprintable():  # reports and messages show it
                return direct
            if files[0][1].kind == "folder":
                files = tuple((child.name, child) for child in files[0][1].children)
        if self._base is None:
            self._base = free(self._unpack, "students")
        folder = self._base / str(number) / student
        self._fill(folder, files)
        zips, _ = _look(OnDisk(folder.name, "folder", folder))
        if len(zips) == 1:
            self._expand(zips[0].path)
        return folder

    def _fill(self, folder: Path, files: tuple[tuple[str, Place], ...]) -> None:
        try:
            folder.mkdir(parents=True)
        except OSError as error:
            raise UsageError(
                f"{shown(str(folder), 200)} cannot be made ({error.strerror}); give another folder for it."
            ) from error
        room = [MAX_FILES, MAX_TOTAL_BYTES]
        taken: set[str] = set()
        for name, place in files:
            stem, ending = ending_of(to_file(name or place.name))
            own, count = stem + ending, 1
            while fold(own) in taken:
                count += 1
                own = f"{stem} ({count}){ending}"
            taken.add(fold(own))
            self._copy(place.path, folder / own, room)

    def _copy(self, source: Path, target: Path, room: list[int]) -> None:
        """Copy a file or a folder with what counts in it, as far as a submission may have it."""
        waiting = [(source, target)]
        while waiting:
            source, target = waiting.pop()
            try:
                if source.is_symlink():
                    continue
                if source.is_dir():
                    target.mkdir()
                    waiting += [
                        (path, target / path.name)
                        for path in source.iterdir()
                        if not is_made_by_systems(path.name)
                    ]
                elif source.is_file():
                    room[0] -= 1
                    size = source.stat().st_size
                    if room[0] < 0 or size > room[1]:
                        self.left_out.append(
                            f"{shown(source.name)} is too much for a submission and was left out."
                        )
                        continue
                    room[1] -= size
                    shutil.copyfile(source, target)
            except OSError as error:
                self.left_out.append(
                    f"{shown(source.name)} cannot be read ({error.strerror}) and was left out."
                )

    def _expand(self, path: Path) -> None:
        """Lay a zip's files beside it; what cannot be unpacked is left to intake to explain."""
        try:
            files = archive.read(path, MAX_FILES, MAX_TOTAL_BYTES)
            beside = free(path.parent, path.stem)
            for name, content in files.items():
                target = beside.joinpath(*map(to_file, PurePosixPath(name).parts))
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
        except (InvalidSubmission, OSError):
            return


def _direct(name: str, place: Place) -> Path | None:
    """The path of a submission that can stay where it is."""
    if place.kind == "folder":
        zips, others = _look(place)
        if len(zips) != 1:
            return place.path
        return None if others else zips[0].path
    return place.path if place.is_zip or (place.is_code and place.name == name) else None


def free(parent: Path, name: str) -> Path:
    """A path in a folder at which nothing lies yet."""
    path, count = parent / name, 1
    while path.exists() or path.is_symlink():
        count += 1
        path = parent / f"{name}-{count}"
    return path


def _look(folder: Place) -> tuple[list[Place], list[Place]]:
    """Zips and other files of a folder in which no file is code; nothing if one is."""
    zips: list[Place] = []
    others: list[Place] = []
    for file in folder.walk():
        if file.is_code:
            return [], []
        (zips if file.is_zip else others).append(file)
    return zips, others
