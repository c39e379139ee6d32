#pragma once
#include "kernels.h"

namespace lockstep {

struct Target {
  const KernelTable* table;
  bool (*supported)();
};

// What this build has, fastest first.
extern const Target targets[];
extern const size_t targetCount;

// The kernel in which a target fails the self-test, or null: tested when it is first asked for. The machine must support it.
const char* faultOf(const Target& target);

// Makes the fastest target that passes the active one. Those behind it are not tested.
void selectTarget();

const KernelTable& activeTable();

// False when there is no such target, or when it cannot run here.
bool useTarget(const char* name);

}  // namespace lockstep
