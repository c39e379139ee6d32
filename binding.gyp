{
  # The shipped build: one static library per target with its own flags, one addon that links them.
  # gyp ignores cflags on macOS, so every flag is repeated for Xcode, and on Windows, where the compiler is Clang as well:
  # MSVC has no flag against contraction, and the kernels are written in what GCC and Clang share. clang-cl takes Clang's
  # flags after /clang:, and those for instruction sets as they are. What is for Windows and macOS is untried.
  'includes': ['native/sources.gypi'],
  # GCC has flags that Clang does not know.
  'variables': {
    'conditions': [
      ['OS=="linux"', { 'is_gcc': '<!(sh -c "${CXX:-g++} --version | grep -qi clang && echo 0 || echo 1")' }, { 'is_gcc': '0' }],
    ],
  },
  'target_defaults': {
    'default_configuration': 'Release',
    'cflags!': ['-fno-omit-frame-pointer'],
    'cflags_cc!': ['-std=gnu++17', '-std=gnu++20'],
    'cflags_cc': ['<@(compile_flags)', '<@(float_flags)'],
    'conditions': [['is_gcc==1', { 'cflags_cc': ['<@(gcc_flags)'] }]],
    'xcode_settings': {
      'CLANG_CXX_LANGUAGE_STANDARD': 'c++17',
      'GCC_OPTIMIZATION_LEVEL': '3',
      'GCC_ENABLE_CPP_EXCEPTIONS': 'NO',
      'GCC_ENABLE_CPP_RTTI': 'NO',
      'GCC_SYMBOLS_PRIVATE_EXTERN': 'YES',
      'MACOSX_DEPLOYMENT_TARGET': '11.0',
      'OTHER_CPLUSPLUSFLAGS': ['<@(float_flags)'],
    },
    # Here, for these come last: node-gyp sets a toolset of its own, and Node.js for arm64 the model `strict`.
    'target_conditions': [
      ['OS=="win"', {
        'msbuild_toolset': 'ClangCL',
        'configurations': {
          'Release': {
            'msvs_settings': {
              'VCCLCompilerTool': {
                'FloatingPointModel': 0,
                'AdditionalOptions': ['<@(clang_cl_flags)'],
              },
            },
          },
        },
      }],
    ],
  },
  'targets': [
    {
      'target_name': 'scalar',
      'type': 'static_library',
      'sources': ['native/targets/scalar.cc'],
      'conditions': [['is_gcc==1', { 'cflags_cc': ['<@(scalar_gcc_flags)'] }]],
    },
    {
      'target_name': 'lockstep',
      'defines': ['<@(addon_defines)'],
      'sources': ['<@(addon_sources)', '<@(core_sources)'],
      'dependencies': ['scalar'],
      'conditions': [
        ['target_arch=="x64"', { 'dependencies': ['avx2', 'avx512'] }],
        ['target_arch=="arm64"', { 'dependencies': ['neon'] }],
        ['OS=="linux"', { 'ldflags': ['<@(linux_link_flags)'], 'libraries': ['<@(linux_libraries)'] }],
        ['OS=="linux" and target_arch=="arm64"', { 'cflags_cc': ['<@(linux_arm64_flags)'] }],
      ],
    },
  ],
  'conditions': [
    ['target_arch=="x64"', {
      'targets': [
        {
          'target_name': 'avx2',
          'type': 'static_library',
          'sources': ['native/targets/avx2.cc'],
          'cflags_cc': ['<@(avx2_flags)'],
          'xcode_settings': { 'OTHER_CPLUSPLUSFLAGS': ['<@(avx2_flags)'] },
          'msvs_settings': { 'VCCLCompilerTool': { 'AdditionalOptions': ['<@(avx2_flags)'] } },
        },
        {
          'target_name': 'avx512',
          'type': 'static_library',
          'sources': ['native/targets/avx512.cc'],
          'cflags_cc': ['<@(avx512_flags)', '<@(avx512_gcc_flags)'],
          'xcode_settings': { 'OTHER_CPLUSPLUSFLAGS': ['<@(avx512_flags)'] },
          'msvs_settings': { 'VCCLCompilerTool': { 'AdditionalOptions': ['<@(avx512_flags)'] } },
        },
      ],
    }],
    ['target_arch=="arm64"', {
      'targets': [
        {
          'target_name': 'neon',
          'type': 'static_library',
          'sources': ['native/targets/neon.cc'],
        },
      ],
    }],
  ],
}
