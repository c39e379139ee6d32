// The Node-API face. Knows no kernel by name: kernels.def lists them, and their arguments describe themselves.

#include <node_api.h>

#include <atomic>
#include <new>
#include <type_traits>

#include "arguments.h"
#include "dispatch.h"
#include "environment.h"
#include "mpi/communication.h"
#include "step.h"
#include "threads/float-environment.h"
#include "threads/large-pages.h"
#include "threads/pool.h"

namespace lockstep {
namespace {

constexpr size_t kMaxArguments = 32;

// A visitor that finds the argument which tells the element type of a call: the last array of that type. A bias that may be
// missing does not.
class ElementFinder {
 public:
  size_t place() const { return place_; }

  void flag(const char*, bool&) { ++next_; }
  void size(const char*, size_t&, size_t = 0) { ++next_; }
  void window(const char*, size_t&, size_t) { ++next_; }
  void atMost(const char*, size_t, size_t) {}
  void choice(const char*, size_t&, size_t) { ++next_; }
  void layout(const char*, size_t&, size_t) { ++next_; }
  void place(const char*, size_t&) { ++next_; }
  void step(const char*, ptrdiff_t&) { ++next_; }
  void dimensions() {}
  void readsAt(const size_t*, size_t&, ptrdiff_t*, const char*) {}
  void writesAt(const size_t*, size_t&, ptrdiff_t*, const char*) {}
  void scalar(const char*, double&) { ++next_; }
  void labels(const char*, const int32_t*&, size_t, size_t, int32_t = 0, bool = false) { ++next_; }
  void integerInput(const char*, const int32_t*&, size_t) { ++next_; }
  void integers(const char*, int32_t*&, size_t) { ++next_; }
  void mask(const char*, const uint8_t*&, size_t) { ++next_; }
  void maskOutput(const char*, uint8_t*&, size_t) { ++next_; }
  void anyInput(const char*, const void*&, ElementType&, size_t) { ++next_; }
  template <class T>
  void input(const char*, const T*&, size_t) {
    place_ = next_++;
  }
  template <class T>
  void optionalInput(const char*, const T*&, bool, size_t) {
    ++next_;
  }
  template <class T>
  void inputOrOutput(const char*, const T*&, size_t) {
    place_ = next_++;
  }
  template <class T>
  void output(const char*, T*&, size_t) {
    place_ = next_++;
  }

 private:
  size_t next_ = 0, place_ = 0;
};

template <template <class> class Arguments>
size_t elementPlace() {
  Arguments<float> arguments{};
  ElementFinder finder;
  arguments.visit(finder);
  return finder.place();
}

// The arguments of a call, as they came.
struct Values {
  napi_env env;
  const char* kernel;
  napi_value values[kMaxArguments];
  size_t count;
  Seen seen;
};

template <class T, template <class> class Arguments>
void call(const Values& values, const Binding& binding, void (*kernel)(const Arguments<T>&, const Parallel&)) {
  static_assert(std::is_trivially_copyable_v<Arguments<T>>, "the queue copies it");
  Memory& memory = binding.environment->memory;
  Labels labels;
  Block queued;
  Arguments<T> arguments{};
  Reader<T> reader(values.env, values.kernel, values.values, values.count, values.seen,
                   binding.isQueued ? queued : memory.copies, binding.isQueued ? &labels : nullptr);
  arguments.visit(reader);
  if (!reader.ok() || !reader.writes()) return;
  if (binding.isQueued) {
    const Invoke invoke = [](const void* own, void (*kernel)(), const Parallel& parallel) {
      reinterpret_cast<void (*)(const Arguments<T>&, const Parallel&)>(kernel)(*static_cast<const Arguments<T>*>(own),
                                                                               parallel);
    };
    const QueuedArguments own{&arguments, sizeof arguments, &queued, &labels};
    enqueueCall(values.env, *binding.environment, invoke, reinterpret_cast<void (*)()>(kernel), own);
    return;
  }
  FloatEnvironment environment;
  kernel(arguments, pool(memory));
  if (memory.scratch.failed()) throwError(values.env, "out of memory for a kernel's workspace");
}

// A kernel for one element type.
struct Typed {
  napi_typedarray_type type;
  void (*call)(const Values& values, const Binding& binding);
};

// That of the type which argument `place` has; the first where it has none of these, which then refuses it.
napi_value callTyped(napi_env env, napi_callback_info info, const char* kernel, size_t place, const Typed* types,
                     size_t typeCount) {
  Values values;
  values.env = env;
  values.kernel = kernel;
  values.count = kMaxArguments;
  void* data = nullptr;
  napi_get_cb_info(env, info, &values.count, values.values, nullptr, &data);
  if (values.count > kMaxArguments) values.count = kMaxArguments;
  const bool isSeen = place < values.count && readView(env, values.values[place], values.seen.view);
  values.seen.place = isSeen ? place : kMaxArguments;
  size_t chosen = 0;
  for (size_t t = 0; isSeen && t < typeCount; ++t) {
    if (types[t].type == values.seen.view.type) chosen = t;
  }
  types[chosen].call(values, *static_cast<const Binding*>(data));
  return nullptr;
}

#define LOCKSTEP_CALL(field, T, name, Arguments)                          \
  {kArrayType<T>, [](const Values& values, const Binding& binding) {      \
     call<T, args::Arguments>(values, binding, activeTable().name.field); \
   }},
#define LOCKSTEP_TYPED(name, Arguments, Types)                                                                     \
  napi_value call_##name(napi_env env, napi_callback_info info) {                                                  \
    static constexpr Typed kTypes[] = {Types(LOCKSTEP_CALL, name, Arguments)};                                     \
    return callTyped(env, info, #name, elementPlace<args::Arguments>(), kTypes, sizeof kTypes / sizeof kTypes[0]); \
  }
#include "kernels.def"
#undef LOCKSTEP_CALL

// JavaScript values, null where none can be made: the environment is ending, and an exception is on its way.
napi_value valueOf(napi_env env, const char* text) {
  napi_value value = nullptr;
  napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &value);
  return value;
}

napi_value valueOf(napi_env env, bool truth) {
  napi_value value = nullptr;
  napi_get_boolean(env, truth, &value);
  return value;
}

napi_value valueOf(napi_env env, double number) {
  napi_value value = nullptr;
  napi_create_double(env, number, &value);
  return value;
}

napi_value valueOf(napi_env env, std::nullptr_t) {
  napi_value value = nullptr;
  napi_get_null(env, &value);
  return value;
}

napi_value newObject(napi_env env) {
  napi_value value = nullptr;
  napi_create_object(env, &value);
  return value;
}

void set(napi_env env, napi_value object, const char* name, napi_value value) {
  if (object != nullptr && value != nullptr) napi_set_named_property(env, object, name, value);
}

napi_value firstArgument(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value value = nullptr;
  napi_get_cb_info(env, info, &count, &value, nullptr, nullptr);
  return value;
}

// [{ target, supported, fault }] of what this build has, fastest first. Tests what was not tested yet.
napi_value listTargets(napi_env env, napi_callback_info) {
  napi_value list = nullptr;
  napi_create_array_with_length(env, targetCount, &list);
  for (size_t t = 0; t < targetCount; ++t) {
    const Target& target = targets[t];
    const napi_value entry = newObject(env);
    set(env, entry, "target", valueOf(env, target.table->target));
    const bool isSupported = target.supported();
    const char* const fault = isSupported ? faultOf(target) : nullptr;
    set(env, entry, "supported", valueOf(env, isSupported));
    set(env, entry, "fault", fault == nullptr ? valueOf(env, nullptr) : valueOf(env, fault));
    if (list != nullptr && entry != nullptr) napi_set_element(env, list, static_cast<uint32_t>(t), entry);
  }
  return list;
}

napi_value getTarget(napi_env env, napi_callback_info) { return valueOf(env, activeTable().target); }

// True when the target is now the active one.
napi_value setTarget(napi_env env, napi_callback_info info) {
  char name[64];
  const bool isText = napi_get_value_string_utf8(env, firstArgument(env, info), name, sizeof name, nullptr) == napi_ok;
  return valueOf(env, isText && useTarget(name));
}

napi_value getThreads(napi_env env, napi_callback_info) { return valueOf(env, static_cast<double>(poolThreads())); }

napi_value setThreads(napi_env env, napi_callback_info info) {
  constexpr uint32_t kMost = 1024;
  double wanted = 0;
  napi_get_value_double(env, firstArgument(env, info), &wanted);
  if (wanted >= 1 && wanted <= kMost) {
    usePoolThreads(static_cast<size_t>(wanted));
  } else {
    throwRangeError(env, "useThreads: threads must be in [1, %u]", kMost);
  }
  return nullptr;
}

// True for the first caller of the process: its defaults hold, and no thread that comes later may undo what was set since.
napi_value claimDefaults(napi_env env, napi_callback_info) {
  static std::atomic<bool> claimed{false};
  return valueOf(env, !claimed.exchange(true));
}

// Where in its page of memory a typed array begins: what tells whether vectors of it lie on one line of the cache.
napi_value pageOffset(napi_env env, napi_callback_info info) {
  constexpr uintptr_t kPage = 4096;
  View view{napi_float32_array, 0, nullptr};
  readView(env, firstArgument(env, info), view);
  return valueOf(env, static_cast<double>(reinterpret_cast<uintptr_t>(view.data) % kPage));
}

// For an ArrayBuffer that was just made.
napi_value takeLargePages(napi_env env, napi_callback_info info) {
  void* data = nullptr;
  size_t bytes = 0;
  if (napi_get_arraybuffer_info(env, firstArgument(env, info), &data, &bytes) == napi_ok) preferLargePages(data, bytes);
  return nullptr;
}

// { name: { operands, scalars, dots } }, for the TypeScript side to compare with its own.
napi_value listRules(napi_env env, napi_callback_info) {
  const napi_value rules = newObject(env);
  for (const Rule& rule : activeTable().rules) {
    const napi_value entry = newObject(env);
    set(env, entry, "operands", valueOf(env, static_cast<double>(rule.operands)));
    set(env, entry, "scalars", valueOf(env, static_cast<double>(rule.scalars)));
    set(env, entry, "dots", valueOf(env, static_cast<double>(rule.dots)));
    set(env, rules, rule.name, entry);
  }
  return rules;
}

// An environment's, which end with it: its kernels run at once, and are queued.
struct Bound {
  Environment environment;
  Binding atOnce{&environment, false}, queued{&environment, true};
};

// Null when there is no memory left.
Bound* newBound(napi_env env) {
  void* const place = std::malloc(sizeof(Bound));
  if (place == nullptr) return nullptr;
  Bound* const bound = new (place) Bound;
  const napi_finalize end = [](napi_env, void* data, void*) {
    static_cast<Bound*>(data)->~Bound();
    std::free(data);
  };
  if (napi_set_instance_data(env, bound, end, nullptr) == napi_ok) return bound;
  end(env, bound, nullptr);
  return nullptr;
}

napi_property_descriptor function(const char* name, napi_callback callback, void* data = nullptr) {
  return {name, nullptr, callback, nullptr, nullptr, nullptr, napi_enumerable, data};
}

napi_value kernelsOf(napi_env env, Binding& binding) {
  const napi_property_descriptor kernels[] = {
      function("step", step, &binding),
#define LOCKSTEP_TYPED(name, Arguments, Types) function(#name, call_##name, &binding),
#include "kernels.def"
  };
  const napi_value table = newObject(env);
  napi_define_properties(env, table, sizeof kernels / sizeof kernels[0], kernels);
  return table;
}

void initialize(napi_env env, napi_value exports) {
  Bound* const bound = newBound(env);
  if (bound == nullptr) return throwError(env, "out of memory");
  selectTarget();
  set(env, exports, "kernels", kernelsOf(env, bound->atOnce));
  set(env, exports, "queuedKernels", kernelsOf(env, bound->queued));
  set(env, exports, "communication", mpi::exportsOf(env));
  Environment* const environment = &bound->environment;
  const napi_property_descriptor functions[] = {
      function("listTargets", listTargets),
      function("getTarget", getTarget),
      function("setTarget", setTarget),
      function("getThreads", getThreads),
      function("setThreads", setThreads),
      function("claimDefaults", claimDefaults),
      function("listRules", listRules),
      function("pageOffset", pageOffset),
      function("takeLargePages", takeLargePages),
      function("openQueue", Environment::open, environment),
      function("waitForQueue", Environment::wait, environment),
      function("isQueueDone", Environment::isDone, environment),
      function("notifyOfQueue", Environment::notify, environment),
      function("delayQueue", Environment::delay, environment),
  };
  napi_define_properties(env, exports, sizeof functions / sizeof functions[0], functions);
}

}  // namespace
}  // namespace lockstep

NAPI_MODULE_INIT() {
  lockstep::initialize(env, exports);
  return exports;
}
