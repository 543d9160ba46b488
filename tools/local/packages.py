"""Zips as Lambda takes them, of what `cargo build` leaves for this machine."""

import os
import platform
import shutil
import subprocess
import zipfile
from pathlib import Path

from console import Failure
from settings import DEPLOYMENT, ROOT

_ARCHITECTURES = {"x86_64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}
_BUILT = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "debug"
_EXECUTABLE = 0o100755 << 16  # what zip keeps of a file's mode


def architecture() -> str:
    """This machine's, in Lambda's words."""
    machine = platform.machine()
    if machine not in _ARCHITECTURES:
        raise Failure(f"Lambda runs on x86_64 and arm64 only; this machine is {machine}")
    return _ARCHITECTURES[machine]


def write(functions: list[str]) -> Path:
    """Write <function>/bootstrap.zip for each function named, as `make package` does; the folder of them."""
    if shutil.which("strip") is None:
        raise Failure("strip is not on the PATH: it comes with binutils, as the linker does")
    folder = DEPLOYMENT / "packages"
    for name in functions:
        package = folder / name
        package.mkdir(parents=True, exist_ok=True)
        binary = package / "bootstrap"
        # Lambda takes 250 MB unpacked; debug information would be most of it.
        subprocess.run(["strip", "-o", str(binary), str(_BUILT / name)], check=True)
        # The same bytes give the same zip, and so the same plan.
        entry = zipfile.ZipInfo("bootstrap")
        entry.external_attr = _EXECUTABLE
        with zipfile.ZipFile(package / "bootstrap.zip", "w") as packed:
            packed.writestr(entry, binary.read_bytes(), zipfile.ZIP_DEFLATED, 1)
    return folder
