"""Trainings that are killed, interrupted, or meet a disk that fails, and how they go on.

  interruptions.py kill|faults FAULTS.so FOLDER COMMAND...

COMMAND is `dlc train ARTIFACT ...` without checkpoint options; it runs in folders of its own below
FOLDER. Everything that a training writes (weights, the whole state with slots, rng, callbacks and
history, the best weights, the log) must in the end be, bit for bit, what an uninterrupted training
writes. FAULTS.so: see faults.c.
"""
import json
import os
import random
import re
import shutil
import signal
import struct
import subprocess
import sys
import time

STATE = "training.safetensors"
OUTPUTS = [STATE, "w.safetensors", "best.safetensors", "log.csv"]


class Training:
    def __init__(self, command, faults, root, name, epochs):
        self.folder = os.path.join(root, name)
        self.faults = faults
        self.epochs = epochs
        os.makedirs(self.folder)
        self.command = command + [
            "--checkpoint", ".", "--resume", "--weights", "w.safetensors", "--csv-log", "log.csv",
            "--best-weights", "best.safetensors,monitor=val_loss",
            "--reduce-lr", "val_loss,patience=1,min_delta=0.1,factor=0.7",
            "--early-stopping", "val_loss,patience=1000", "--progress=line"]

    def path(self, name):
        return os.path.join(self.folder, name)

    def start(self, fault="", epochs=None):
        environment = dict(os.environ, DLC_FAULT=fault, DLC_FAULT_COUNT=self.path("faults"))
        if fault == "trace":
            environment["DLC_FAULT_TRACE"] = self.path("trace")
        if fault:
            environment["LD_PRELOAD"] = self.faults
        return subprocess.Popen(self.command + ["--epochs", str(epochs or self.epochs)], cwd=self.folder,
                                env=environment, text=True, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE)

    def run(self, fault="", epochs=None):
        process = self.start(fault, epochs)
        out, err = process.communicate(timeout=600)
        return process.returncode, out, err

    def finish(self):
        code, _, err = self.run()
        assert code == 0, err

    def leftovers(self):
        return [name for name in os.listdir(self.folder) if name.endswith(".tmp")]

    def expect_same_as(self, other):
        for name in OUTPUTS:
            with open(self.path(name), "rb") as mine, open(other.path(name), "rb") as theirs:
                assert mine.read() == theirs.read(), f"{self.path(name)} differs"
        assert not self.leftovers(), self.leftovers()


def expect_everything_in(training):
    """What must not be lost is in the state at all: two files that lack it would be equal, too."""
    with open(training.path(STATE), "rb") as file:
        length, = struct.unpack("<Q", file.read(8))
        tensors = json.loads(file.read(length))
    state = json.loads(tensors.pop("__metadata__")["dlc.training"])
    for name in ["conv2d/kernel", "optimizer/conv2d/kernel/momentum", "rng/state",
                 "optimizer/conv2d/kernel/velocity", "optimizer/iterations",
                 "optimizer/learning_rate"]:
        assert name in tensors, name
    assert state["history"]["epochs"] == list(range(training.epochs)), state["history"]["epochs"]
    assert {"loss", "val_loss", "accuracy"} <= {name for name, _ in state["history"]["values"]}
    assert state["step"] == training.epochs * state["steps_per_epoch"]
    for callback in ["model_checkpoint(best.safetensors)", "reduce_lr_on_plateau(val_loss)",
                     "early_stopping(val_loss)"]:
        assert dict(state["callbacks"][callback])["best"] > 0, callback


def stop_after_a_while(training, which, chance):
    """Sends a signal in the first epoch of a run or soon after it."""
    process = training.start()
    for line in process.stdout:
        if line.startswith("Epoch "):
            break
    time.sleep(chance.uniform(0, 0.03))
    process.send_signal(which)
    process.communicate(timeout=600)
    return process.returncode


def kill(command, faults, root):
    """20 SIGKILLs: 10 inside the write of a checkpoint, 10 whenever; and 5 interruptions by SIGINT,
    which save a state in the midst of an epoch."""
    chance = random.Random(4)
    # Epochs enough for every run below, which ends a few of them at most.
    command = command + ["--steps-per-epoch", "20"]
    whole = Training(command, faults, root, "whole", epochs=80)
    whole.finish()
    parts = Training(command, faults, root, "parts", epochs=80)
    # The first checkpoint, then later ones; `write` also in the midst of the bytes of a tensor.
    inside = ["open:kill", "write:kill", "write:kill:3", "write:kill:9", "fsync:kill", "rename:kill:1",
              "syncdir:kill:1", "write:kill:20", "fsync:kill:2", "open:kill:1"]
    killed = interrupted = 0
    for fault in inside:
        code, _, err = parts.run(fault)
        assert code == -signal.SIGKILL, (fault, code, err)
        killed += 1
        code = stop_after_a_while(parts, signal.SIGKILL, chance)
        assert code == -signal.SIGKILL, code
        killed += 1
        if killed % 4 == 0:
            code = stop_after_a_while(parts, signal.SIGINT, chance)
            assert code == 128 + signal.SIGINT, code
            interrupted += 1
    with open(parts.path("faults"), encoding="utf-8") as marks:
        inside_writes = len(marks.read())
    parts.finish()
    parts.expect_same_as(whole)
    expect_everything_in(parts)
    print(f"killed {killed} times, {inside_writes} of them inside a checkpoint, interrupted "
          f"{interrupted} times: the same bits")
    assert inside_writes >= 5


def faults_of_disks(command, faults, root):
    """A checkpoint that cannot be written: said clearly, the one before stands whole, the training
    goes on, and a later run continues from there as if nothing had happened."""
    command = command + ["--steps-per-epoch", "10"]
    whole = Training(command, faults, root, "whole", epochs=6)
    whole.finish()
    begun = Training(command, faults, root, "begun", epochs=6)
    assert begun.run(epochs=2)[0] == 0
    with open(begun.path(STATE), "rb") as file:
        before = file.read()
    full, failed = "No space left on device", "Input/output error"
    cases = [("write:ENOSPC", f"cannot be written: {full}"),
             ("write:ENOSPC:7", f"cannot be written: {full}"),
             ("fsync:EIO", f"cannot be written to disk: {failed}"),
             ("fsync:ENOSPC", f"cannot be written to disk: {full}"),
             ("open:EROFS", "cannot be written: Read-only file system"),
             ("open:ENOENT", "cannot be written: No such file or directory"),
             ("rename:EIO", f"cannot be put in place: {failed}")]
    for number, (fault, message) in enumerate(cases):
        training = Training(command, faults, root, f"case{number}", epochs=6)
        for name in OUTPUTS:
            shutil.copy(begun.path(name), training.path(name))
        code, out, err = training.run(fault, epochs=4)
        text = f"./{STATE}: {message}"
        assert code == 1 and f"dlc: error: {text}" in err, (fault, code, err)
        assert f"warning: {text}; the training goes on without this checkpoint" in out, (fault, out)
        with open(training.path(STATE), "rb") as file:
            assert file.read() == before, fault
        assert not training.leftovers(), fault
        training.finish()
        training.expect_same_as(whole)
        print(f"{fault}: {message}")

    # On disk before it has its name, and the name on disk before the training goes on.
    ordered = Training(command, faults, root, "ordered", epochs=3)
    assert ordered.run("trace")[0] == 0
    with open(ordered.path("trace"), encoding="utf-8") as file:
        trace = file.read().replace("s", "")  # folders, those of other files among them
    assert re.fullmatch("(ow+fr)+", trace), trace
    with open(ordered.path("trace"), encoding="utf-8") as file:
        assert re.fullmatch("(s*ow+frs)+s*", file.read()), "a folder is not synced after its rename"

    # Short writes are no failure.
    short = Training(command, faults, root, "short", epochs=6)
    assert short.run("write:short")[0] == 0
    short.expect_same_as(whole)
    # The new file is there whole; what may be lost by a power failure is said.
    folder = Training(command, faults, root, "folder", epochs=6)
    code, _, err = folder.run("syncdir:EIO", epochs=1)
    assert code == 1 and "a power failure may undo it: its folder: Input/output error" in err, err
    folder.finish()
    folder.expect_same_as(whole)
    # A folder that is really gone: it vanishes while the third checkpoint is about to be opened.
    gone = Training(command, faults, root, "gone", epochs=6)
    gone.command[gone.command.index("--checkpoint") + 1] = "state"
    process = gone.start("open:stop:2")
    _, status = os.waitpid(process.pid, os.WUNTRACED)
    assert os.WIFSTOPPED(status), status
    shutil.rmtree(gone.path("state"))
    process.send_signal(signal.SIGCONT)
    out, err = process.communicate(timeout=600)
    assert process.returncode == 1 and "No such file or directory" in err, err
    with open(gone.path("w.safetensors"), "rb") as mine, \
            open(whole.path("w.safetensors"), "rb") as theirs:
        assert mine.read() == theirs.read(), "the weights are written all the same"
    print("short writes, a failing folder, a vanished folder: as they should be")


def main():
    what, faults, root, command = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:]
    shutil.rmtree(root, ignore_errors=True)
    os.makedirs(root)
    {"kill": kill, "faults": faults_of_disks}[what](command, faults, os.path.abspath(root))


if __name__ == "__main__":
    main()
