"""Runs a training, sends it SIGINT when its third epoch begins, and prints how it ended."""
import signal
import subprocess
import sys

process = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
for line in process.stdout:
    if line.startswith("Epoch 3/"):
        process.send_signal(signal.SIGINT)
        break
_, errors = process.communicate(timeout=600)
print("stderr:", errors.strip())
print("exit code:", process.returncode)
