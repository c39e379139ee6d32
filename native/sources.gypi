{
  # The sources and their flags, listed once for both builds: binding.gyp includes this file, CMakeLists.txt reads it.
  'variables': {
    'addon_sources': [
      'native/addon.cc',
      'native/arguments.cc',
      'native/environment.cc',
      'native/mpi/combine.cc',
      'native/mpi/communication.cc',
      'native/mpi/library.cc',
      'native/mpi/process.cc',
      'native/mpi/program.cc',
      'native/mpi/signals.cc',
      'native/step.cc',
    ],
    'addon_defines': [
      'NAPI_VERSION=8',
      # Electron has no external array buffers.
      'NODE_API_NO_EXTERNAL_BUFFERS_ALLOWED',
    ],
    'core_sources': [
      'native/cpu.cc',
      'native/dispatch.cc',
      'native/self-test.cc',
      'native/threads/pool.cc',
      'native/threads/stream.cc',
    ],
    # -ffp-contract: Note [No contraction] in native/targets/table.h.
    'float_flags': ['-ffp-contract=off', '-fno-math-errno'],
    'clang_cl_flags': ['/clang:-O3', '/clang:-ffp-contract=off', '/clang:-fno-math-errno'],
    # Without GCC's copies of functions and loops for some of their arguments: more code, and no faster.
    'gcc_flags': ['-fno-ipa-cp-clone', '-fno-split-loops'],
    'compile_flags': [
      '-std=c++17', '-O3', '-fno-exceptions', '-fno-rtti', '-fvisibility=hidden', '-fno-asynchronous-unwind-tables',
      '-Wall', '-Wextra', '-Wno-unused-parameter', '-Wno-cast-function-type',
    ],
    # The helper threads outlive every environment: the library must never be unloaded. One binary serves every Linux:
    # the C library is all it needs, by the names that glibc and musl both answer to; scripts/check-binaries.mjs.
    'linux_link_flags': ['-Wl,-z,nodelete', '-Wl,--gc-sections', '-nodefaultlibs'],
    'linux_libraries': ['-lm', '-lc', '-lgcc'],
    # GCC's functions for atomics ask glibc about the processor.
    'linux_arm64_flags': ['-mno-outline-atomics'],
    # A quarter smaller than by -O3. Most kernels are as fast; SGD in the caches takes half as long again.
    'scalar_gcc_flags': ['-O2', '-ftree-vectorize', '-fvect-cost-model=dynamic', '-funswitch-loops'],
    'avx2_flags': ['-mavx2', '-mfma'],
    'avx512_flags': ['-mavx512f', '-mavx512bw', '-mavx512dq', '-mavx512vl', '-mavx512cd', '-mfma'],
    # GCC 12 takes the undefined operand of its own _mm512_sqrt_ps for a mistake.
    'avx512_gcc_flags': ['-Wno-maybe-uninitialized', '-Wno-uninitialized'],
  },
}
