#!/bin/bash
# Writes what a program is linked with so that it runs with an old glibc: link-libraries.sh COMPILER NEWEST FOLDER
#
# A linker binds each symbol to the newest version that the build machine's glibc has, and a machine with an older one then refuses the program. So for each of
# glibc's libraries this makes a library for the linker alone: it has the symbols of the original, each with its newest version that is not above NEWEST (2.28), and
# no code. What is only in a later glibc is missing, and the linker says so.
set -euo pipefail

compiler=$1 newest=$2 folder=$3
nm=$($compiler -print-prog-name=nm)
here=$(dirname "$0")
mkdir -p "$folder"

# stub NAME SONAME
stub() {
  "$nm" -D -S --defined-only "$($compiler -print-file-name="$2")" | awk -v newest="$newest" -v source="$folder/$1.s" -v map="$folder/$1.map" '
    # 2.3.4 as a number that sorts.
    function rank(text, parts) {
      split(text, parts, ".")
      return parts[1] * 1000000 + parts[2] * 1000 + parts[3]
    }
    {
      if (split($NF, part, /@+GLIBC_/) != 2 || part[2] !~ /^[0-9.]+$/ || rank(part[2]) > rank(newest)) next
      if (part[1] in version && rank(version[part[1]]) >= rank(part[2])) next
      version[part[1]] = part[2]
      isData[part[1]] = $(NF - 1) ~ /^[BDRSVGv]$/
      size[part[1]] = NF == 4 ? $2 : "0"
    }
    END {
      printf "" > source
      for (name in version) {
        printf ".globl %s\n.type %s,%%%s\n.size %s,0x%s\n%s:\n", name, name, isData[name] ? "object" : "function", name, size[name], name > source
        symbols[version[name]] = symbols[version[name]] " " name ";"
      }
      print ".section .note.GNU-stack,\"\",%progbits" > source
      printf "" > map
      for (node in symbols) printf "GLIBC_%s { global:%s };\n", node, symbols[node] > map
      print "NONE { local: *; };" > map
    }'
  $compiler -shared -nostdlib -Wl,-soname,"$2" -Wl,--version-script="$folder/$1.map" -o "$folder/$1.so" "$folder/$1.s"
}

stub libc_shared libc.so.6
stub libm libm.so.6
# In glibc 2.34 and later these are empty; before, threads and dlopen are in them.
stub libpthread libpthread.so.0
stub libdl libdl.so.2
stub librt librt.so.1

# As glibc's own libc.so, which is a script of the linker too.
loader=$(sed -n 's/.*AS_NEEDED ( \([^ ]*\) ).*/\1/p' "$($compiler -print-file-name=libc.so)")
printf 'GROUP ( %s %s AS_NEEDED ( %s ) )\n' "$folder/libc_shared.so" "$($compiler -print-file-name=libc_nonshared.a)" "$loader" > "$folder/libc.so"

$compiler -c -O2 -fPIC -o "$folder/start.o" "$here/start.c"
