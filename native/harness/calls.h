#pragma once
// The calls of all kernels with small and with large arguments.

#include <functional>
#include <string>

#include "../kernels.h"
#include "memory.h"

namespace lockstep {

// Prepares the memory of a call and makes it. False where there is no such call.
using Run = std::function<bool(const KernelTable& table, const Parallel& parallel, Call& call)>;

// `name`: kernel and element type. `text` describes the call. `large`: it has work for several threads.
using Take = std::function<void(const std::string& name, const std::string& text, bool large, const Run& run)>;

// Every rule and every matrix kernel, in both element types.
void forRuleCalls(const Take& take);
void forKernelCalls(const Take& take);

}  // namespace lockstep
