"""Stand-ins for the commands of Slurm: sbatch, srun, sacct, scancel, scontrol, squeue.

Jobs are processes of this machine, and so are the nodes of a job: srun starts a task for each. What
was asked for is kept in the folder of the stand-ins: `script-JOB` as sbatch got it, `calls` with a
line for each command. A script that names no output writes `slurm-JOB.out` where sbatch was called.
A job that is queued again starts when all its processes have ended, as with Slurm.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

COMMANDS = ("sbatch", "srun", "sacct", "scancel", "scontrol", "squeue")

CODE = r"""#!{python}
import os, re, signal, subprocess, sys
from pathlib import Path

here = Path({here!r})
name, words = Path(sys.argv[0]).name, sys.argv[1:]
with open(here / "calls", "a") as calls:
    calls.write(" ".join([name, *words]) + "\n")


def start(job):
    array, _, task = job.partition("_")
    environment = dict(os.environ, SLURM_JOB_ID=str(int(array) + int(task or 0) * 1000))
    script = here / f"script-{{array}}"
    ended, busy = here / f"ended-{{job}}", here / f"busy-{{job}}"
    nodes = (re.findall(r"^#SBATCH .*--nodes=(\d+)", script.read_text(), re.M) or ["1"])[0]
    environment.update(SLURM_JOB_NUM_NODES=nodes, SLURM_NNODES=nodes, SLURM_NTASKS=nodes)
    environment.update(SLURM_JOB_NODELIST="here")
    if task:
        environment.update(SLURM_ARRAY_JOB_ID=array, SLURM_ARRAY_TASK_ID=task)
    starts = here / f"starts-{{job}}"
    count = len(starts.read_text()) if starts.is_file() else 0
    starts.write_text("x" * (count + 1))
    if count:
        environment.update(SLURM_RESTART_COUNT=str(count))
    # all processes of the job inherit the lock, and it is free when the last of them has ended
    code = "import fcntl, os, sys; lock = os.open(sys.argv[3], os.O_CREAT | os.O_RDWR); "
    code += "fcntl.flock(lock, fcntl.LOCK_EX); os.set_inheritable(lock, True); "
    code += "code = os.system('bash ' + sys.argv[1]); "
    code += "open(sys.argv[2], 'w').write(str(code))"
    ended.unlink(missing_ok=True)
    own_output = "--output" in script.read_text()
    with open(os.devnull if own_output else f"slurm-{{job}}.out", "a") as output:
        process = subprocess.Popen(
            [sys.executable, "-c", code, str(script), str(ended), str(busy)],
            env=environment, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=output, stderr=output,
        )
    (here / f"job-{{job}}").write_text(str(process.pid))


def jobs():
    return sorted(path.name[4:] for path in here.glob("job-*"))


if name == "sbatch":
    if (here / "refuse").is_file():
        sys.exit("sbatch: error: invalid partition specified")
    job = str(4242 + len(list(here.glob("script-*"))))
    text = Path(words[-1]).read_text()
    (here / f"script-{{job}}").write_text(text)
    array = re.search(r"--array='?0-(\d+)", text)
    for one in [f"{{job}}_{{i}}" for i in range(int(array[1]) + 1)] if array else [job]:
        start(one)
    print("Submitted batch job", job)
elif name == "srun":
    options = {{}}
    while words[0].startswith("--"):
        option = words.pop(0)
        if option != "--unbuffered":
            options[option] = words.pop(0)
    own = {{"%A": "SLURM_ARRAY_JOB_ID", "%a": "SLURM_ARRAY_TASK_ID", "%j": "SLURM_JOB_ID"}}
    if "--output" not in options:
        count = int(os.environ.get("SLURM_NNODES", 1))
        tasks = [subprocess.Popen(words, close_fds=False) for _ in range(count)]
        sys.exit(max(task.wait() for task in tasks))
    for number, option in ((1, "--output"), (2, "--error")):
        path = options[option].replace("%t", "0")
        for sign, variable in own.items():
            path = path.replace(sign, os.environ.get(variable, ""))
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        os.dup2(file, number)
    os.execvp(words[0], words)
elif name == "sacct":
    print("JobID|State|NodeList")
    for job in jobs():
        ended = here / f"ended-{{job}}"
        state = "RUNNING"
        if ended.is_file():
            state = "COMPLETED" if ended.read_text() == "0" else "FAILED"
        print(f"{{job}}|{{state}}|here")
elif name == "scontrol" and words[0] == "requeue":
    if words[1] in jobs():
        start(words[1])
elif name == "scontrol" and words[:2] == ["show", "hostnames"]:
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # `head` may read one line alone
    print("\n".join(["localhost"] * int(os.environ.get("SLURM_NNODES", 1))))
elif name == "scancel":
    for job in jobs():
        if job.startswith(words[0]):
            os.killpg(int((here / f"job-{{job}}").read_text()), signal.SIGTERM)
"""


def install(folder: Path) -> dict[str, str]:
    """Write the commands into a folder; return the variables of the environment that has them."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in COMMANDS:
        file = folder / name
        file.write_text(CODE.format(python=sys.executable, here=str(folder)))
        file.chmod(0o755)
    return {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}


def ended(folder: Path) -> dict[str, int]:
    """Return the exit codes of the jobs that have ended, by number."""
    found = {file.name.partition("-")[2]: file.read_text() for file in folder.glob("ended-*")}
    return {job: os.waitstatus_to_exitcode(int(code)) for job, code in found.items() if code}


def calls(folder: Path) -> list[str]:
    """Return the commands that were called, one a line."""
    file = folder / "calls"
    return file.read_text().splitlines() if file.is_file() else []
