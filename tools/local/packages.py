"""Zips for Lambda of what `cargo build` makes for this machine."""

import platform
import shutil
import subprocess
import zipfile
from pathlib import Path

from console import Failure
from settings import BUILT, DEPLOYMENT

_ARCHITECTURES = {"x86_64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}
_EXECUTABLE = 0o100755 << 16  # what zip keeps of a file's mode


def architecture() -> str:
    """Return this machine's architecture, by Lambda's name."""
    machine = platform.machine()
    if machine not in _ARCHITECTURES:
        raise Failure(f"Lambda runs on x86_64 and arm64 only; this machine is {machine}")
    return _ARCHITECTURES[machine]


def write(functions: list[str]) -> Path:
    """Write <function>/bootstrap.zip for each function, as `make package` does, and return their folder."""
    if shutil.which("strip") is None:
        raise Failure("strip is not on the PATH: it comes with binutils, as the linker does")
    folder = DEPLOYMENT / "packages"
    for name in functions:
        package = folder / name
        package.mkdir(parents=True, exist_ok=True)
        binary = package / "bootstrap"
        # Lambda takes 250 MB unpacked; debug information would be most of it.
        subprocess.run(["strip", "-o", str(binary), str(BUILT / name)], check=True)
        # The same bytes give the same zip, and so the same plan.
        entry = zipfile.ZipInfo("bootstrap")
        entry.external_attr = _EXECUTABLE
        with zipfile.ZipFile(package / "bootstrap.zip", "w") as packed:
            packed.writestr(entry, binary.read_bytes(), zipfile.ZIP_DEFLATED, 1)
    return folder
