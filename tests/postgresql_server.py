"""A PostgreSQL of our own for the tests, started from Debian's binaries and gone with them."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HOW_TO_INSTALL = "PostgreSQL's server is not installed (Debian: apt-get install postgresql)"
ACCOUNT = "postgres"


def binaries() -> Path | None:
    """Folder with initdb and postgres, the newest version first; None where there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


def _as_owner(command: list[str]) -> list[str]:
    """PostgreSQL refuses to run as root."""
    return ["runuser", "-u", ACCOUNT, "--", *command] if os.geteuid() == 0 else command


def _run(command: list[str]) -> None:
    done = subprocess.run(_as_owner(command), capture_output=True, text=True, cwd="/", check=False)
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed: {done.stdout}{done.stderr}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def server() -> Iterator[str]:
    """Run a server; gives the address of its maintenance database, without a database name."""
    programs = binaries()
    if programs is None:
        raise RuntimeError(HOW_TO_INSTALL)
    folder = Path(tempfile.mkdtemp(prefix="waystation-pg-"))
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, ACCOUNT, ACCOUNT)
        data, port = folder / "data", _free_port()
        _run([str(programs / "initdb"), "-D", str(data), "-U", "waystation", "-A", "trust", "-E", "UTF8", "--no-sync"])
        options = (
            f"-p {port} -h 127.0.0.1 -k {folder} -c fsync=off -c full_page_writes=off "
            "-c synchronous_commit=off -c max_connections=200"
        )
        log = folder / "log"
        _run([str(programs / "pg_ctl"), "-D", str(data), "-o", options, "-l", str(log), "-w", "start"])
        try:
            yield f"postgresql://waystation@127.0.0.1:{port}"
        finally:
            _run([str(programs / "pg_ctl"), "-D", str(data), "-m", "immediate", "stop"])
    finally:
        shutil.rmtree(folder, ignore_errors=True)
