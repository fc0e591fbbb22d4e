#!/usr/bin/env bash
# Builds llama-cpp-python with its server into the ignored folder .llama-cpp-python, as a real server of teachers for
# tests. It takes cmake, a C++ compiler, and some minutes.
#
#     tests/llama_cpp_python/install.sh
set -euo pipefail
cd "$(dirname "$0")/../.."

python3 -m venv .llama-cpp-python
pip=(.llama-cpp-python/bin/pip install --quiet --disable-pip-version-check)
"${pip[@]}" --no-deps -r tests/llama_cpp_python/requirements.txt
# What no test calls is not built, and what is built need not be fast.
parts=(TESTS EXAMPLES TOOLS SERVER)
export CMAKE_ARGS="-DMTMD_BUILD=OFF -DLLAMA_CURL=OFF -DLLAMA_OPENSSL=OFF -DCMAKE_CXX_FLAGS_RELEASE=-O1"
for part in "${parts[@]}"; do CMAKE_ARGS+=" -DLLAMA_BUILD_$part=OFF"; done
CMAKE_BUILD_PARALLEL_LEVEL=$(nproc) "${pip[@]}" --no-deps --no-binary llama-cpp-python llama-cpp-python==0.3.36
.llama-cpp-python/bin/python -c 'import llama_cpp.server.app'
