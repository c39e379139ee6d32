"""Statements of PyTorch, timed in here. One JSON object a line: requests from stdin, replies to stdout.

prepare {setup, steps: {name: statement}}; run {name, threads, steps} -> {seconds}; finish {}.
"""

import json
import sys
import time

import torch

# Statements may be several lines, and see what the setup has defined.
LOOP = """
def run(steps):
    start = time.perf_counter()
    for _ in range(steps):
{body}
    return time.perf_counter() - start
"""


class Case:
    def __init__(self, setup, steps):
        torch.manual_seed(1)
        names = {"torch": torch, "functional": torch.nn.functional, "time": time}
        exec(setup, names)
        self.loops = {}
        for name, statement in steps.items():
            body = "\n".join(" " * 8 + line for line in statement.split("\n"))
            exec(LOOP.format(body=body), names)
            self.loops[name] = names["run"]

    def run(self, name, threads, steps):
        torch.set_num_threads(threads)
        return self.loops[name](steps)


def main():
    case = None

    def reply(message):
        print(json.dumps(message), flush=True)

    reply({"version": torch.__version__})
    for line in sys.stdin:
        request = json.loads(line)
        command = request.pop("command")
        try:
            if command == "prepare":
                case = Case(**request)
                reply({})
            elif command == "run":
                reply({"seconds": case.run(**request)})
            elif command == "finish":
                case = None
                reply({})
        except Exception as error:
            reply({"error": f"{type(error).__name__}: {error}"})


main()
