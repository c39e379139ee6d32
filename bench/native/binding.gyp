{
  # What the benchmark compares with, built for the machine it runs on: no part of the shipped build.
  'target_defaults': {
    'include_dirs': ["<!(node -p \"require('node-addon-api').include_dir\")"],
    'defines': ['NAPI_VERSION=8', 'NAPI_DISABLE_CPP_EXCEPTIONS', 'NODE_ADDON_API_DISABLE_DEPRECATED'],
    'cflags!': ['-fno-omit-frame-pointer'],
    'cflags_cc!': ['-std=gnu++17', '-std=gnu++20'],
    'cflags_cc': ['-std=c++17', '-O3', '-march=native', '-fno-math-errno', '-fno-exceptions', '-fvisibility=hidden'],
    'ldflags': ['-Wl,-z,nodelete'],
    'xcode_settings': {
      'CLANG_CXX_LANGUAGE_STANDARD': 'c++17',
      'GCC_OPTIMIZATION_LEVEL': '3',
      'OTHER_CPLUSPLUSFLAGS': ['-march=native'],
    },
    'msvs_settings': { 'VCCLCompilerTool': { 'AdditionalOptions': ['/std:c++17', '/O2'] } },
  },
  'targets': [
    {
      'target_name': 'same_traffic',
      'sources': ['same-traffic.cc', '../../native/threads/pool.cc'],
    },
  ],
  'conditions': [
    ['OS!="win"', {
      'targets': [
        {
          'target_name': 'blas',
          'sources': ['blas.cc'],
          'libraries': ['-ldl'],
        },
        {
          'target_name': 'limits',
          'sources': ['limits.cc'],
          'ldflags': ['-pthread'],
        },
      ],
    }],
  ],
}
