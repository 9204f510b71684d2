# Options and helpers shared by every room: one function per kind of target.
include_guard()

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 99)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/lib)
set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/lib)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()
set(CMAKE_CXX_FLAGS_RELEASE "-O2")
set(CMAKE_C_FLAGS_RELEASE "-O2")
find_package(Threads REQUIRED)

add_library(dlcOptions INTERFACE)
target_compile_options(dlcOptions INTERFACE -Wall -Wextra -Wno-unused-parameter
  $<$<COMPILE_LANG_AND_ID:CXX,Clang>:-Wno-deprecated-declarations>)
# gcc 12's flow warnings misfire on LLVM's small vectors; clang's do not.
target_compile_options(dlcOptions INTERFACE
  $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-maybe-uninitialized -Wno-missing-field-initializers
    -Wno-dangling-pointer -Wno-array-bounds -Wno-stringop-overflow -Wno-restrict
    -Wno-deprecated-declarations>)
target_include_directories(dlcOptions INTERFACE ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR})
if(DLC_WERROR)
  target_compile_options(dlcOptions INTERFACE -Werror)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  target_link_options(dlcOptions INTERFACE -fuse-ld=lld)
endif()
# Sanitized code is slow to compile and run: a little optimization, and lines for stack traces.
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O1 -g1")
set(CMAKE_C_FLAGS_RELWITHDEBINFO "-O1 -g1")
# DLC_SANITIZER_FLAGS is also for the programs that tests build by themselves.
if(DLC_SANITIZE)
  set(DLC_SANITIZER_FLAGS "-fsanitize=${DLC_SANITIZE} -fno-sanitize-recover=all")
  target_compile_options(dlcOptions INTERFACE -fsanitize=${DLC_SANITIZE} -fno-sanitize-recover=all
    -fno-omit-frame-pointer)
  target_link_options(dlcOptions INTERFACE -fsanitize=${DLC_SANITIZE})
  # Looks for a function's type before its first byte. Kernels that were compiled a moment ago have
  # none there, and the first of them stands at the beginning of its page.
  if(DLC_SANITIZE MATCHES undefined AND CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    target_compile_options(dlcOptions INTERFACE -fno-sanitize=function)
  endif()
  set(DLC_SANITIZER_DEFAULTS ${PROJECT_SOURCE_DIR}/cmake/SanitizerDefaults.c)
endif()
# What the fuzz targets (test/runtime/fuzz) steer by.
if(DLC_SANITIZE MATCHES address AND CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  set(DLC_COVERAGE -fsanitize=fuzzer-no-link)
endif()
# Artifacts and tools must not depend on where the checkout stands.
target_compile_options(dlcOptions INTERFACE -ffile-prefix-map=${PROJECT_SOURCE_DIR}/=)

# dlc_add_runtime_library(name [CORE] SOURCES ... LINK ...): code that knows no compiler.
# CORE marks what stands alone: no exceptions, no RTTI, no library but libc.
function(dlc_add_runtime_library name)
  cmake_parse_arguments(ARG "CORE" "" "SOURCES;LINK" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_link_libraries(${name} PUBLIC dlcOptions ${ARG_LINK})
  target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR}/runtime/include)
  target_compile_options(${name} PRIVATE ${DLC_COVERAGE})
  if(ARG_CORE)
    target_compile_options(${name} PRIVATE -fno-exceptions -fno-rtti -ffunction-sections
      -fdata-sections -fno-asynchronous-unwind-tables)
  endif()
endfunction()

# dlc_add_tool(name SOURCES ... LINK ...): an executable in bin/.
function(dlc_add_tool name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  add_executable(${name} ${ARG_SOURCES} ${DLC_SANITIZER_DEFAULTS})
  target_link_libraries(${name} PRIVATE dlcOptions ${ARG_LINK})
endfunction()

# dlc_limit_test(name seconds): how long a test may take, several times that with sanitizers.
function(dlc_limit_test name seconds)
  if(DLC_SANITIZE)
    math(EXPR seconds "${seconds} * 6")
  endif()
  set_tests_properties(${name} PROPERTIES TIMEOUT ${seconds})
endfunction()

# dlc_add_unit_test(name SOURCES ... LINK ... [LABELS ...]): a gtest binary, one ctest entry.
function(dlc_add_unit_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;LINK;LABELS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES} ${DLC_SANITIZER_DEFAULTS})
  target_link_libraries(${name} PRIVATE dlcOptions ${ARG_LINK} GTest::gmock GTest::gtest_main)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/test/bin)
  add_test(NAME ${name} COMMAND ${name})
  if(NOT ARG_LABELS)
    set(ARG_LABELS fast)
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  dlc_limit_test(${name} ${ARG_TIMEOUT})
  set_tests_properties(${name} PROPERTIES LABELS "${ARG_LABELS}"
    ENVIRONMENT "DLC_SOURCE_DIR=${PROJECT_SOURCE_DIR};DLC_BINARY_DIR=${PROJECT_BINARY_DIR}")
endfunction()
