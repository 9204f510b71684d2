# Writes OUTPUT, a C++ file that holds the bytes of CORE and SCRIPT.
function(bytes file name result)
  file(READ ${file} hex HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," list "${hex}")
  string(REGEX REPLACE "(................................................................................)"
    "\\1\n" list "${list}")
  set(${result} "const unsigned char ${name}[] = {\n${list}};\n" PARENT_SCOPE)
endfunction()
bytes(${CORE} core core)
bytes(${SCRIPT} script script)
file(WRITE ${OUTPUT} "#include \"codegen/artifact/Link.h\"\n\nnamespace {\n${core}${script}} // namespace

std::string_view dlc::codegen::wasmCore() {
  return {reinterpret_cast<const char *>(core), sizeof core};
}
std::string_view dlc::codegen::wasmScript() {
  return {reinterpret_cast<const char *>(script), sizeof script};
}
")
