#include "communication.h"

#include <cstdio>
#include <cstdlib>
#include <new>

#include "../arguments.h"
#include "../sizes.h"
#include "process.h"

namespace lockstep::mpi {
namespace {

// In the environment's thread.
void callBack(napi_env env, napi_value callback, void*, void* data) {
  if (env == nullptr || callback == nullptr) return;
  if (--own.calls == 0) napi_unref_threadsafe_function(env, own.tell);
  napi_value undefined = nullptr, id = nullptr;
  napi_get_undefined(env, &undefined);
  napi_create_double(env, static_cast<double>(reinterpret_cast<uintptr_t>(data)), &id);
  napi_call_function(env, undefined, callback, 1, &id, nullptr);
}

// Behind this the memory of the environment's arrays is gone.
void endEnvironment(void*) {
  if (own.calls > 0) endAll("lockstep/distributed: the process ends while it communicates. All processes end.\n");
  Lock lock(own.mutex);
  own.tell = nullptr;
}

size_t widthOf(napi_typedarray_type type) {
  switch (type) {
    case napi_int8_array:
    case napi_uint8_array:
    case napi_uint8_clamped_array:
      return 1;
    case napi_int16_array:
    case napi_uint16_array:
      return 2;
    case napi_int32_array:
    case napi_uint32_array:
    case napi_float32_array:
      return 4;
    default:
      return 8;
  }
}

// Missing ones are undefined.
void argumentsOf(napi_env env, napi_callback_info info, napi_value* values, size_t most) {
  napi_get_cb_info(env, info, &most, values, nullptr, nullptr);
}

constexpr size_t kJobBytes = roundUp(sizeof(Job), kAlignment);

// Null, with an exception, when there is no memory left.
Job* newJob(napi_env env, uint32_t id, const char* (*run)(Work*, lockstep::Memory&), size_t moreBytes = 0) {
  void* const place = std::malloc(plus(kJobBytes, moreBytes));
  if (place == nullptr) {
    throwError(env, "out of memory");
    return nullptr;
  }
  Job* const job = new (place) Job;
  job->run = run;
  job->end = endJob;
  job->id = id;
  job->operations = nullptr;
  job->messages = nullptr;
  job->count = 0;
  job->label[0] = 0;
  return job;
}

void add(napi_env env, Job* job) {
  if (own.calls++ == 0) napi_ref_threadsafe_function(env, own.tell);
  own.stream.add(job);
}

bool isOpen(napi_env env) {
  if (own.owner == env && own.hasStarted && !own.isFinishing) return true;
  throwError(env, "MPI is not started here");
  return false;
}

void set(napi_env env, napi_value object, const char* name, double number) {
  napi_value value = nullptr;
  if (napi_create_double(env, number, &value) == napi_ok) napi_set_named_property(env, object, name, value);
}

void set(napi_env env, napi_value object, const char* name, const char* text) {
  napi_value value = nullptr;
  if (napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &value) == napi_ok) {
    napi_set_named_property(env, object, name, value);
  }
}

// open(path or null, isGlobal): { family, version } of the library. May be tried again after an error.
napi_value openLibrary(napi_env env, napi_callback_info info) {
  napi_value values[2] = {};
  argumentsOf(env, info, values, 2);
  napi_env nobody = nullptr;
  if (!own.owner.compare_exchange_strong(nobody, env) && nobody != env) {
    throwError(env, "another thread of this process has opened a library of MPI");
    return nullptr;
  }
  if (own.library != nullptr) {
    throwError(env, "a library of MPI is open already");
    return nullptr;
  }
  char path[4096], problem[1024];
  const bool isNamed = napi_get_value_string_utf8(env, values[0], path, sizeof path, nullptr) == napi_ok;
  bool isGlobal = false;
  napi_get_value_bool(env, values[1], &isGlobal);
  own.library = open(isNamed ? path : nullptr, isGlobal, problem, sizeof problem);
  if (own.library == nullptr) {
    throwError(env, "%s", problem);
    return nullptr;
  }
  char version[256];
  own.library->version(version, sizeof version);
  napi_value result = nullptr;
  napi_create_object(env, &result);
  set(env, result, "family", own.library->family);
  set(env, result, "version", version);
  return result;
}

// start(callback, timeoutSeconds): the callback is told 0 when the ranks have met, and the numbers of exchanges later.
napi_value start(napi_env env, napi_callback_info info) {
  napi_value values[2] = {}, name = nullptr;
  argumentsOf(env, info, values, 2);
  if (own.owner != env || own.library == nullptr || own.isStarting) {
    throwError(env, "MPI cannot be started here");
    return nullptr;
  }
  if (napi_get_value_double(env, values[1], &own.timeoutSeconds) != napi_ok) {
    throwTypeError(env, "start: timeoutSeconds must be a number");
    return nullptr;
  }
  Job* const job = newJob(env, 0, runStart);
  if (job == nullptr) return nullptr;
  napi_create_string_utf8(env, "lockstep/distributed", NAPI_AUTO_LENGTH, &name);
  if (napi_create_threadsafe_function(env, values[0], nullptr, name, 0, 1, nullptr, nullptr, nullptr, callBack,
                                      &own.tell) != napi_ok) {
    own.tell = nullptr;
    endJob(job);
    throwTypeError(env, "start: callback must be a function");
    return nullptr;
  }
  own.isStarting = true;
  std::atexit(endProcess);
  napi_unref_threadsafe_function(env, own.tell);
  napi_add_env_cleanup_hook(env, endEnvironment, nullptr);
  add(env, job);
  return nullptr;
}

// world(): { rank, size, problem }, once start() has come back; nothing is open where the problem is no empty text.
napi_value world(napi_env env, napi_callback_info) {
  napi_value result = nullptr;
  napi_create_object(env, &result);
  const bool isStarted = own.owner == env && own.hasStarted;
  set(env, result, "rank", isStarted ? own.rank : 0);
  set(env, result, "size", isStarted ? own.size : 1);
  set(env, result, "problem", isStarted ? "" : own.hasFailed ? own.problem : "it was not started");
  return result;
}

constexpr size_t kMostAreas = 128;

// All elements come before the first view: a getter among them may take the memory of another away.
bool readAreas(napi_env env, napi_value list, Area* areas, size_t& count) {
  uint32_t length = 0;
  napi_value arrays[kMostAreas];
  if (napi_get_array_length(env, list, &length) != napi_ok || length > kMostAreas) return false;
  count = length;
  for (uint32_t a = 0; a < length; ++a) {
    if (napi_get_element(env, list, a, &arrays[a]) != napi_ok) return false;
  }
  for (uint32_t a = 0; a < length; ++a) {
    View view{};
    if (!readView(env, arrays[a], view)) return false;
    areas[a] = {static_cast<unsigned char*>(view.data), area(view.length, widthOf(view.type))};
  }
  return true;
}

// exchange(id, program, arrays, label): the arrays stay where they are until the callback is told the id.
napi_value exchange(napi_env env, napi_callback_info info) {
  napi_value values[4] = {};
  argumentsOf(env, info, values, 4);
  if (!isOpen(env)) return nullptr;
  uint32_t id = 0;
  View program{};
  Area areas[kMostAreas];
  size_t areaCount = 0;
  const bool isRead = napi_get_value_uint32(env, values[0], &id) == napi_ok &&
                      readAreas(env, values[2], areas, areaCount) && readView(env, values[1], program) &&
                      program.type == napi_float64_array && program.length % kFields == 0;
  const size_t count = isRead ? program.length / kFields : 0;
  Job* const job = newJob(env, id, runExchange, area(count, sizeof(Operation)));
  if (job == nullptr) return nullptr;
  job->operations = reinterpret_cast<Operation*>(reinterpret_cast<char*>(job) + kJobBytes);
  job->count = count;
  if (!isRead ||
      !readProgram(static_cast<const double*>(program.data), count, areas, areaCount, own.size, job->operations)) {
    endJob(job);
    throwTypeError(env, "exchange: the program does not fit its arrays");
    return nullptr;
  }
  job->messages =
      static_cast<Message*>(std::malloc(plus(area(messagesOf(job->operations, count), sizeof(Message)), 1)));
  if (job->messages == nullptr) {
    endJob(job);
    throwError(env, "out of memory");
    return nullptr;
  }
  napi_get_value_string_utf8(env, values[3], job->label, sizeof job->label, nullptr);
  add(env, job);
  return nullptr;
}

// finish(id): nothing may follow it.
napi_value finish(napi_env env, napi_callback_info info) {
  napi_value values[1] = {};
  argumentsOf(env, info, values, 1);
  if (!isOpen(env)) return nullptr;
  uint32_t id = 0;
  napi_get_value_uint32(env, values[0], &id);
  Job* const job = newJob(env, id, runFinish);
  if (job == nullptr) return nullptr;
  own.isFinishing = true;
  add(env, job);
  return nullptr;
}

// traffic(): what this rank has sent and received so far.
napi_value traffic(napi_env env, napi_callback_info) {
  napi_value result = nullptr;
  napi_create_object(env, &result);
  const auto tell = [env, result](const char* name, const std::atomic<uint64_t>& number) {
    set(env, result, name, static_cast<double>(number.load(std::memory_order_relaxed)));
  };
  tell("sentBytes", own.traffic.sentBytes);
  tell("sentMessages", own.traffic.sentMessages);
  tell("receivedBytes", own.traffic.receivedBytes);
  tell("receivedMessages", own.traffic.receivedMessages);
  return result;
}

// abandon(message): ends all processes; does not return.
napi_value abandon(napi_env env, napi_callback_info info) {
  napi_value values[1] = {};
  argumentsOf(env, info, values, 1);
  char message[1024];
  if (napi_get_value_string_utf8(env, values[0], message, sizeof message, nullptr) != napi_ok) message[0] = 0;
  endAll(message);
}

}  // namespace

napi_value exportsOf(napi_env env) {
  const auto function = [](const char* name, napi_callback callback) {
    return napi_property_descriptor{name, nullptr, callback, nullptr, nullptr, nullptr, napi_enumerable, nullptr};
  };
  const napi_property_descriptor functions[] = {function("open", openLibrary), function("start", start),
                                                function("world", world),      function("exchange", exchange),
                                                function("finish", finish),    function("traffic", traffic),
                                                function("abandon", abandon)};
  napi_value result = nullptr;
  napi_create_object(env, &result);
  napi_define_properties(env, result, sizeof functions / sizeof functions[0], functions);
  return result;
}

}  // namespace lockstep::mpi
