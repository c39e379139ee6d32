// The calls: any rule through its description, any matrix kernel through its `visit`. Knows no kernel by name.

#include "../chunks.h"
#include "../kernels.h"
#include "../sizes.h"
#include "calls.h"
#include "cases.h"

namespace lockstep {
namespace {

constexpr size_t kScalarSets = 8;

// Scalars between 0 and 1; in every set but the first some are zero, and some large.
double ruleScalar(size_t set, size_t position) {
  constexpr double kOthers[] = {0, 1, 0.9, 0};
  const size_t choice = (set * 5 + position * 3 + set * position) % 8;
  return set == 0 || choice >= 4 ? 1.0 / static_cast<double>(3 + position) : kOthers[choice];
}

template <class T>
bool runRule(const Rule& rule, size_t size, size_t set, Values values, const Parallel& parallel, Call& call) {
  double scalars[kMaxScalars];
  for (size_t s = 0; s < kMaxScalars; ++s) scalars[s] = ruleScalar(set, s);
  if (set % 4 != 3) scalars[rule.scalars - 1] = __builtin_inf();
  void* operands[kMaxOperands] = {};
  for (size_t k = 0; k < rule.operands; ++k) {
    T* data;
    call.arrays.emplace_back(size, set % 2 * k, data);
    Filling<T>{k + 1, values, 4}(data, size);
    for (size_t i = 0; i < size && values == Values::kPlain; ++i) data[i] = operandValue(k, data[i]);
    operands[k] = data;
  }
  const size_t chunks = quotientUp(size, kReductionChunk);
  double* dots;
  call.arrays.emplace_back(chunks * rule.dots, 0, dots);
  const StepFunction step = sizeof(T) == sizeof(float) ? rule.step32 : rule.step64;
  if (parallel.threads == 1) {
    step(scalars, operands, 0, size, dots);
    return true;
  }
  const auto task = [&](size_t chunk) {
    const size_t begin = chunk * kReductionChunk;
    const size_t end = least(size, begin + kReductionChunk);
    step(scalars, operands, begin, end, dots + chunk * rule.dots);
  };
  parallel.run(
      parallel, chunks, [](void* context, size_t chunk) { (*static_cast<decltype(task)*>(context))(chunk); },
      const_cast<void*>(static_cast<const void*>(&task)));
  return true;
}

template <class T>
void takeRule(const Take& take, const std::string& name, size_t index) {
  const auto forSize = [&](size_t size) {
    for (size_t set = 0; set < kScalarSets; ++set) {
      for (const Values values : kAllValues) {
        const std::string text = "size " + std::to_string(size) + ", scalars " + std::to_string(set) + ", values " +
                                 std::to_string(static_cast<int>(values));
        take(name, text, size > kReductionChunk, [&](const KernelTable& table, const Parallel& parallel, Call& call) {
          return runRule<T>(table.rules[index], size, set, values, parallel, call);
        });
      }
    }
  };
  for (size_t size = 0; size <= kSmallSizes; ++size) forSize(size);
  for (const size_t size : kLargeSizes) forSize(size);
}

// `kernelOf` takes the kernel out of a target's table.
template <class T, template <class> class Kernel, class KernelOf>
void takeKernel(const Take& take, const std::string& name, const KernelOf& kernelOf) {
  Counts counts;
  Kernel<T>{}.visit(counts);
  forCases(counts, [&](const Case& chosen) {
    take(name, chosen.text(), chosen.large(), [&](const KernelTable& table, const Parallel& parallel, Call& call) {
      Kernel<T> arguments{};
      Arguments<T> visitor(chosen, counts, call);
      arguments.visit(visitor);
      if (visitor.valid()) kernelOf(table)(arguments, parallel);
      return visitor.valid();
    });
  });
}

}  // namespace

void forRuleCalls(const Take& take) {
  size_t index = 0;
#define LOCKSTEP_RULE(name)                     \
  takeRule<float>(take, #name " float", index); \
  takeRule<double>(take, #name " double", index++);
#include "../kernels.def"
}

void forKernelCalls(const Take& take) {
#define LOCKSTEP_TAKE(field, T, name, Arguments) \
  takeKernel<T, args::Arguments>(take, #name " " #T, [](const KernelTable& table) { return table.name.field; });
#define LOCKSTEP_TYPED(name, Arguments, Types) Types(LOCKSTEP_TAKE, name, Arguments)
#include "../kernels.def"
#undef LOCKSTEP_TAKE
}

}  // namespace lockstep
