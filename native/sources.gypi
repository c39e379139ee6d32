{
  # The sources, listed once: binding.gyp includes this file, CMakeLists.txt reads it.
  'variables': {
    'addon_sources': [
      'native/addon.cc',
      'native/arguments.cc',
      'native/step.cc',
    ],
    'core_sources': [
      'native/cpu.cc',
      'native/dispatch.cc',
      'native/self-test.cc',
      'native/threads/pool.cc',
    ],
  },
}
