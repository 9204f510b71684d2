# Finds LLVM and MLIR, and adds the helpers for libraries and generated code that need them.
include_guard()

find_package(MLIR 22.1 REQUIRED CONFIG HINTS /usr/lib/llvm-22/lib/cmake/mlir)
list(APPEND CMAKE_MODULE_PATH ${MLIR_CMAKE_DIR} ${LLVM_CMAKE_DIR})
include(TableGen)
include(AddLLVM)
include(AddMLIR)
message(STATUS "LLVM ${LLVM_PACKAGE_VERSION} at ${LLVM_INSTALL_PREFIX}")

add_library(dlcMlirHeaders INTERFACE)
separate_arguments(DLC_LLVM_DEFINITIONS NATIVE_COMMAND "${LLVM_DEFINITIONS}")
target_compile_definitions(dlcMlirHeaders INTERFACE ${DLC_LLVM_DEFINITIONS})
target_include_directories(dlcMlirHeaders SYSTEM INTERFACE ${LLVM_INCLUDE_DIRS} ${MLIR_INCLUDE_DIRS})
target_link_libraries(dlcMlirHeaders INTERFACE dlcOptions)

# The shared libraries: the static archives would still pull libLLVM.so and make 140 MB tools.
set(DLC_MLIR_LIBS MLIR LLVM)

if(DLC_PCH)
  add_library(dlcPch OBJECT ${PROJECT_SOURCE_DIR}/cmake/pch.cpp)
  target_link_libraries(dlcPch PUBLIC dlcMlirHeaders)
  target_precompile_headers(dlcPch PRIVATE ${PROJECT_SOURCE_DIR}/cmake/pch.h)
  # With a time stamp inside the header no compiler cache would ever hit.
  target_compile_options(dlcPch PUBLIC
    $<$<COMPILE_LANG_AND_ID:CXX,Clang>:SHELL:-Xclang -fno-pch-timestamp>)
endif()

# dlc_use_mlir(target): compile flags, headers and the precompiled header of compiler code.
function(dlc_use_mlir target)
  target_link_libraries(${target} PUBLIC dlcMlirHeaders)
  if(DLC_PCH)
    target_compile_options(${target} PRIVATE
      $<$<COMPILE_LANG_AND_ID:CXX,Clang>:SHELL:-Xclang -fno-pch-timestamp>)
    target_precompile_headers(${target} REUSE_FROM dlcPch)
  endif()
endfunction()

# dlc_add_compiler_library(name SOURCES ... LINK ... [DEPENDS ...])
function(dlc_add_compiler_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK;DEPENDS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  dlc_use_mlir(${name})
  target_link_libraries(${name} PUBLIC ${ARG_LINK})
  if(ARG_DEPENDS)
    add_dependencies(${name} ${ARG_DEPENDS})
  endif()
endfunction()

# dlc_tablegen(TOOL out.inc source.td args...): one generated file, by mlir-tblgen or dlc-tblgen.
# The outputs are collected in the caller's DLC_GENERATED.
function(dlc_tablegen out source)
  set(output ${CMAKE_CURRENT_BINARY_DIR}/${out})
  get_filename_component(directory ${output} DIRECTORY)
  file(MAKE_DIRECTORY ${directory})
  add_custom_command(OUTPUT ${output}
    COMMAND mlir-tblgen ${ARGN} -I ${PROJECT_SOURCE_DIR} -I ${LLVM_INSTALL_PREFIX}/include
            ${CMAKE_CURRENT_SOURCE_DIR}/${source} -o ${output}
            --write-if-changed -d ${output}.d
    DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${source} mlir-tblgen
    DEPFILE ${output}.d VERBATIM)
  set(DLC_GENERATED ${DLC_GENERATED} ${output} PARENT_SCOPE)
endfunction()
