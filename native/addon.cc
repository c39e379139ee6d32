// The Node-API face. Knows no kernel by name: kernels.def lists them, and their arguments describe themselves.

#include <napi.h>

#include <atomic>

#include "arguments.h"
#include "dispatch.h"
#include "step.h"
#include "threads/float-environment.h"
#include "threads/pool.h"

namespace lockstep {
namespace {

constexpr size_t kMaxArguments = 32;

template <class T, template <class> class Arguments>
void call(napi_env env, const char* name, const napi_value* values, size_t count, const Seen& seen,
          void (*kernel)(const Arguments<T>&, const Parallel&)) {
  Arguments<T> arguments{};
  Reader<T> reader(env, name, values, count, seen);
  arguments.visit(reader);
  if (!reader.ok() || !reader.writes()) return;
  FloatEnvironment environment;
  kernel(arguments, pool());
  if (outOfMemory()) napi_throw_error(env, nullptr, "out of memory for a kernel's workspace");
}

#define LOCKSTEP_KERNEL(name, Arguments)                                                      \
  napi_value call_##name(napi_env env, napi_callback_info info) {                             \
    napi_value values[kMaxArguments];                                                         \
    size_t count = kMaxArguments;                                                             \
    napi_get_cb_info(env, info, &count, values, nullptr, nullptr);                            \
    if (count > kMaxArguments) count = kMaxArguments;                                         \
    Seen seen;                                                                                \
    if (findFloats(env, values, count, seen) && seen.view.type == napi_float64_array) {       \
      call<double, args::Arguments>(env, #name, values, count, seen, activeTable().name.f64); \
    } else {                                                                                  \
      call<float, args::Arguments>(env, #name, values, count, seen, activeTable().name.f32);  \
    }                                                                                         \
    return nullptr;                                                                           \
  }
#include "kernels.def"

// [{ target, supported, fault }] of what this build has, fastest first.
Napi::Value listTargets(const Napi::CallbackInfo& info) {
  Napi::Array list = Napi::Array::New(info.Env(), targetCount);
  for (size_t t = 0; t < targetCount; ++t) {
    Napi::Object entry = Napi::Object::New(info.Env());
    entry.Set("target", targets[t].table->target);
    entry.Set("supported", targets[t].supported());
    entry.Set("fault",
              targets[t].fault == nullptr ? info.Env().Null() : Napi::String::New(info.Env(), targets[t].fault));
    list.Set(static_cast<uint32_t>(t), entry);
  }
  return list;
}

Napi::Value getTarget(const Napi::CallbackInfo& info) { return Napi::String::New(info.Env(), activeTable().target); }

// True when the target is now the active one.
Napi::Value setTarget(const Napi::CallbackInfo& info) {
  const bool known = info[0].IsString() && useTarget(info[0].As<Napi::String>().Utf8Value().c_str());
  return Napi::Boolean::New(info.Env(), known);
}

Napi::Value getThreads(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), static_cast<double>(pool().threads));
}

void setThreads(const Napi::CallbackInfo& info) {
  constexpr uint32_t kMost = 1024;
  const double wanted = info[0].IsNumber() ? info[0].As<Napi::Number>().DoubleValue() : 0;
  if (!(wanted >= 1 && wanted <= kMost)) {
    throwRangeError(info.Env(), "useThreads: threads must be in [1, %u]", kMost);
    return;
  }
  usePoolThreads(static_cast<size_t>(wanted));
}

// True for the first caller of the process: its defaults hold, and no thread that comes later may undo what was set since.
Napi::Value claimDefaults(const Napi::CallbackInfo& info) {
  static std::atomic<bool> claimed{false};
  return Napi::Boolean::New(info.Env(), !claimed.exchange(true));
}

// { name: { operands, scalars, dots } }, for the TypeScript side to compare with its own.
Napi::Value listRules(const Napi::CallbackInfo& info) {
  Napi::Object rules = Napi::Object::New(info.Env());
  for (const Rule& rule : activeTable().rules) {
    Napi::Object entry = Napi::Object::New(info.Env());
    entry.Set("operands", rule.operands);
    entry.Set("scalars", rule.scalars);
    entry.Set("dots", rule.dots);
    rules.Set(rule.name, entry);
  }
  return rules;
}

Napi::Object initialize(Napi::Env env, Napi::Object exports) {
  selectTarget();
  exports.Set("listTargets", Napi::Function::New(env, listTargets, "listTargets"));
  exports.Set("getTarget", Napi::Function::New(env, getTarget, "getTarget"));
  exports.Set("setTarget", Napi::Function::New(env, setTarget, "setTarget"));
  exports.Set("getThreads", Napi::Function::New(env, getThreads, "getThreads"));
  exports.Set("setThreads", Napi::Function::New(env, setThreads, "setThreads"));
  exports.Set("claimDefaults", Napi::Function::New(env, claimDefaults, "claimDefaults"));
  exports.Set("listRules", Napi::Function::New(env, listRules, "listRules"));

  Napi::Object kernels = Napi::Object::New(env);
  const napi_property_descriptor functions[] = {
      {"step", nullptr, step, nullptr, nullptr, nullptr, napi_enumerable, nullptr},
#define LOCKSTEP_KERNEL(name, Arguments) \
  {#name, nullptr, call_##name, nullptr, nullptr, nullptr, napi_enumerable, nullptr},
#include "kernels.def"
  };
  napi_define_properties(env, kernels, sizeof functions / sizeof functions[0], functions);
  exports.Set("kernels", kernels);
  return exports;
}

}  // namespace

NODE_API_MODULE(lockstep, initialize)

}  // namespace lockstep
