"""Statements of PyTorch, timed in here, on as many threads as the argument says. One JSON object a line: requests from
stdin, replies to stdout.

prepare {setup, ways: {name: {setup, step, check}}} -> {names} of the ways that this version has; run {name, steps} ->
{seconds, processor}; finish {}: runs the checks.
"""

import json
import sys
import time

import torch

# Statements may be several lines, see what the setups have defined, and know the number of the step.
LOOP = """
def run(first, steps):
    processor, start = time.process_time(), time.perf_counter()
    for i in range(first, first + steps):
{body}
    return time.perf_counter() - start, time.process_time() - processor
"""


class Way:
    def __init__(self, names, setup, step, check):
        self.names = dict(names)
        self.check = check
        self.taken = 0
        torch.manual_seed(1)
        exec(setup, self.names)
        body = "\n".join(" " * 8 + line for line in step.split("\n"))
        exec(LOOP.format(body=body), self.names)
        self.run(1)

    def run(self, steps):
        seconds, processor = self.names["run"](self.taken, steps)
        self.taken += steps
        return {"seconds": seconds, "processor": processor}

    def finish(self):
        exec(self.check, self.names)


def prepare(setup, ways):
    torch.manual_seed(1)
    names = {"torch": torch, "functional": torch.nn.functional, "time": time}
    exec(setup, names)
    found, errors = {}, []
    for name, way in ways.items():
        try:
            found[name] = Way(names, **way)
        except Exception as error:
            errors.append(error)
    if not found:
        raise errors[0]
    return found


def main():
    found = {}

    def reply(message):
        print(json.dumps(message), flush=True)

    threads = int(sys.argv[1])
    torch.set_num_threads(threads)
    reply({"version": torch.__version__})
    for line in sys.stdin:
        request = json.loads(line)
        command = request.pop("command")
        try:
            if command == "prepare":
                found = {}
                found = prepare(**request)
                reply({"names": list(found)})
            elif command == "run":
                reply(found[request["name"]].run(request["steps"]))
            elif command == "finish":
                for way in found.values():
                    way.finish()
                found = {}
                reply({})
        except Exception as error:
            reply({"error": f"{type(error).__name__}: {error}"})


main()
