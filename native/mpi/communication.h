#pragma once
// The one communication of a process, for JavaScript: see src/distributed/.

#include <node_api.h>

namespace lockstep::mpi {

// { open, start, world, exchange, finish, traffic, abandon }
napi_value exportsOf(napi_env env);

}  // namespace lockstep::mpi
