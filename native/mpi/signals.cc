#include "signals.h"

#ifndef _WIN32
#include <dlfcn.h>
#include <node_api.h>
#include <signal.h>

#define LOCKSTEP_OPENS_LIBRARIES
#include "../threads/glibc.h"
#endif

namespace lockstep::mpi {

#ifdef _WIN32

void saveSignals() {}
void restoreSignals() {}

#else

namespace {

constexpr int kSignals = 32;
struct sigaction saved[kSignals];
bool areSaved = false;

bool isRuntimes(const struct sigaction& action) {
  Dl_info handler, runtime;
  const void* const function = reinterpret_cast<const void*>(action.sa_handler);
  return dladdr(function, &handler) != 0 && dladdr(reinterpret_cast<const void*>(napi_get_undefined), &runtime) != 0 &&
         handler.dli_fbase == runtime.dli_fbase;
}

}  // namespace

void saveSignals() {
  for (int signal = 1; signal < kSignals; ++signal) sigaction(signal, nullptr, &saved[signal]);
  areSaved = true;
}

void restoreSignals() {
  if (!areSaved) return;
  for (int signal = 1; signal < kSignals; ++signal) {
    struct sigaction now {};
    if (signal == SIGKILL || signal == SIGSTOP || sigaction(signal, nullptr, &now) != 0) continue;
    if (now.sa_handler != saved[signal].sa_handler && !isRuntimes(now)) sigaction(signal, &saved[signal], nullptr);
  }
}

#endif

}  // namespace lockstep::mpi
