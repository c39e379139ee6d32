"""Steps of torch.optim, timed in here. One JSON object a line: requests from stdin, replies to stdout.

prepare {optimizer, options, tensors, length}; run {foreach, threads, steps} -> {seconds}; finish {}.
"""

import json
import sys
import time

import torch

TINY = torch.finfo(torch.float32).tiny


def make_parameters(tensors, length):
    """Values in [-1, 1), gradients of either sign from 0.1 to 1."""
    torch.manual_seed(1)
    parameters = []
    for _ in range(tensors):
        parameter = torch.nn.Parameter(2 * torch.rand(length) - 1)
        gradient = 2 * torch.rand(length) - 1
        parameter.grad = 0.9 * gradient + torch.where(gradient < 0, -0.1, 0.1)
        parameters.append(parameter)
    return parameters


def check_normal(tensor):
    size = tensor.detach().abs()
    if not torch.isfinite(size).all() or ((size < TINY) & (size != 0)).any():
        raise ValueError("a value is no longer a normal number: what was measured is void")


class Case:
    def __init__(self, optimizer, options, tensors, length):
        self.parameters = make_parameters(tensors, length)
        make = getattr(torch.optim, optimizer)
        self.optimizers = {
            foreach: make(self.parameters, foreach=foreach, **options) for foreach in (False, True)
        }

    def run(self, foreach, threads, steps):
        torch.set_num_threads(threads)
        step = self.optimizers[foreach].step
        start = time.perf_counter()
        for _ in range(steps):
            step()
        return time.perf_counter() - start

    def check(self):
        for parameter in self.parameters:
            check_normal(parameter)
            for optimizer in self.optimizers.values():
                for state in optimizer.state[parameter].values():
                    if isinstance(state, torch.Tensor):
                        check_normal(state)


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
                case.check()
                case = None
                reply({})
        except Exception as error:
            reply({"error": f"{type(error).__name__}: {error}"})


main()
