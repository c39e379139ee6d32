#include "self-test.h"

#include "chunks.h"
#include "self-test-call.h"
#include "threads/float-environment.h"
#include "threads/pool.h"

namespace lockstep {
namespace {

Arena tested, expected;

struct Bench {
  Memory memory;

  template <class T, template <class> class Arguments>
  __attribute__((noinline)) bool kernel(void (*run)(const Arguments<T>&, const Parallel&),
                                        void (*reference)(const Arguments<T>&, const Parallel&)) {
    Shape shape{0, 1, false};
    call<T, Arguments<T>>(nullptr, expected, shape);
    for (shape.call = 0; shape.call < kCalls; ++shape.call) {
      if (!shape.isNeeded<T>() || !call<T>(reference, expected, shape)) continue;
      call<T>(run, tested, shape);
      if (!tested.agrees(expected)) return false;
    }
    return true;
  }

  template <class T>
  bool rule(const Rule& rule, StepFunction run, StepFunction reference) {
    for (Shape shape{0, 1, false}; shape.call < kCalls; ++shape.call) {
      if (!shape.isNeeded<T>()) continue;
      step<T>(rule, reference, expected, shape);
      step<T>(rule, run, tested, shape);
      if (!tested.agrees(expected)) return false;
    }
    return true;
  }

  // Another rule in every call, each of its states stored in another way.
  bool packed(const KernelTable& table, const KernelTable& reference) {
    for (size_t index = 0; index < kCalls; ++index) {
      const size_t r = index % kRuleCount;
      if (table.rules[r].dots > 0) continue;
      stepPacked(reference, r, expected, index);
      stepPacked(table, r, tested, index);
      if (!tested.agrees(expected)) return false;
    }
    return true;
  }

 private:
  void stepPacked(const KernelTable& table, size_t r, Arena& arena, size_t index) {
    const Rule& rule = table.rules[r];
    const size_t size = Shape{index, 1, false}.size(0) + index % 4 * (kPackedBlock - 3);
    double scalars[kMaxScalars];
    for (size_t s = 0; s < kMaxScalars; ++s) scalars[s] = 1.0 / static_cast<double>(3 + s);
    scalars[rule.scalars - 1] = __builtin_inf();
    arena.clear();
    void* operands[kMaxOperands];
    Storage storages[kMaxOperands];
    for (size_t k = 0; k < rule.operands; ++k) {
      storages[k] = k < 2 ? Storage::kPlain : static_cast<Storage>((index + k) % 4);
      if (storages[k] == Storage::kPlain) {
        operands[k] = arena.take<float>(size, index % 2);
        continue;
      }
      const size_t bytes = bytesOf(storages[k], size);
      auto* const packed = arena.take<uint8_t>(bytes, index % 2);
      operands[k] = packed;
      if (storages[k] == Storage::kBFloat16) continue;
      const float scale = 0.75f;
      for (size_t at = size; at < bytes; at += sizeof scale) std::memcpy(packed + at, &scale, sizeof scale);
    }
    table.stepPacked(rule, scalars, static_cast<uint32_t>(index) * 0x01010101, {operands, storages, size}, 0, size);
  }

  // Apart, for each kernel has two.
  template <class T, class Arguments>
  __attribute__((noinline)) bool call(void (*run)(const Arguments&, const Parallel&), Arena& arena, Shape& shape) {
    Arguments arguments{};
    Sample<T> sample(arena, shape);
    arguments.visit(sample);
    shape = sample.shape();
    if (sample.fits() && run != nullptr) run(arguments, alone(memory));
    return sample.fits();
  }

  // What a rule gathers is by chunks: the last call of these has the end of one and the start of the next.
  template <class T>
  void step(const Rule& rule, StepFunction run, Arena& arena, const Shape& shape) {
    const size_t index = shape.call;
    const size_t chunks = rule.dots > 0 && index == kCalls - 1 ? 1 : 0;
    const size_t size = shape.size(0) + chunks * kReductionChunk;
    constexpr double kOthers[] = {0, 1, 0.9, 0};
    double scalars[kMaxScalars];
    for (size_t s = 0; s < kMaxScalars; ++s) {
      scalars[s] = (index + s) % 3 > 0 ? 1.0 / static_cast<double>(3 + s) : kOthers[(index / 3 + s) % 4];
    }
    if (index % 4 > 0) scalars[rule.scalars - 1] = __builtin_inf();
    arena.clear();
    void* operands[kMaxOperands];
    for (size_t k = 0; k < rule.operands; ++k) {
      T* const operand = arena.take<T>(size, index % 2);
      for (size_t i = 0; i < size; ++i) operand[i] = operandValue(k, operand[i]);
      operands[k] = operand;
    }
    run(scalars, operands, 0, size, arena.take<double>((chunks + 1) * rule.dots, 0));
  }
};

}  // namespace

const char* selfTest(const KernelTable& table, const KernelTable& reference) {
  FloatEnvironment environment;
  Bench bench;
  Arena::prepare();
  for (size_t r = 0; r < kRuleCount; ++r) {
    const Rule &rule = table.rules[r], &other = reference.rules[r];
    if (!bench.rule<float>(rule, rule.step32, other.step32) || !bench.rule<double>(rule, rule.step64, other.step64))
      return rule.name;
  }
  if (!bench.packed(table, reference)) return "stepPacked";
#define LOCKSTEP_TEST(field, T, name) \
  if (!bench.kernel(table.name.field, reference.name.field)) return #name " (" #T ")";
#define LOCKSTEP_TYPED(name, Arguments, Types) Types(LOCKSTEP_TEST, name)
#include "kernels.def"
#undef LOCKSTEP_TEST
  return nullptr;
}

}  // namespace lockstep
