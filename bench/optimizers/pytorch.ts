import type { Pytorch, Statements, Way } from '../peers/pytorch.js';
import type { Competitor } from './competitor.js';
import { NAMES } from './competitor.js';
import { type Shape, size } from './problem.js';
import type { Row } from './rows.js';

/** PyTorch's optimizers: tensor by tensor, with `foreach`, and `fused` in the versions that have it. */
export function pytorchCompetitor(pytorch: Pytorch): Competitor {
  return {
    name: NAMES.pytorch,
    version: pytorch.version,
    async prepare(row, shape) {
      if (row.pytorch === undefined) return null;
      const contenders = await pytorch.prepare(statements(row.pytorch, shape), size(shape));
      return contenders.length === 0 ? null : { contenders, finish: () => pytorch.finish() };
    },
    close: () => pytorch.close(),
  };
}

/** Values in [-1, 1), gradients of either sign from 0.1 to 1: as `makeTensors()` has them. */
function statements({ name, options }: NonNullable<Row['pytorch']>, { tensors, length }: Shape): Statements {
  const rules = { loop: 'foreach=False', foreach: 'foreach=True', fused: 'fused=True' };
  const given = Object.entries(options).map(([option, value]) => `${option}=${value}`);
  const ways = Object.entries(rules).map(([rule, option]): [string, Way] => [
    rule,
    {
      setup: `rule = torch.optim.${name}(parameters, ${[...given, option].join(', ')})`,
      step: 'rule.step()',
      check: 'check(rule)',
    },
  ]);
  return {
    setup: `parameters = []
for _ in range(${tensors}):
    parameter = torch.nn.Parameter(2 * torch.rand(${length}) - 1)
    gradient = 2 * torch.rand(${length}) - 1
    parameter.grad = 0.9 * gradient + torch.where(gradient < 0, -0.1, 0.1)
    parameters.append(parameter)
def check(rule):
    for parameter in parameters:
        for tensor in [parameter, *rule.state[parameter].values()]:
            if not isinstance(tensor, torch.Tensor):
                continue
            magnitude = tensor.detach().abs()
            tiny = (magnitude < torch.finfo(torch.float32).tiny) & (magnitude != 0)
            if tiny.any() or not torch.isfinite(magnitude).all():
                raise ValueError("a value is no longer a normal number: what was measured is void")`,
    ways: Object.fromEntries(ways),
  };
}
