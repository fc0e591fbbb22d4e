#!/usr/bin/env bash
# Measures two ranks on this machine's cores, and plans for as many as it has.
#
#     bash tasks/configs/cluster/measure_cpus.sh [ranks]
set -euo pipefail
cd "$(dirname "$0")/../../.."
export OMP_NUM_THREADS=1
ranks=${1:-$(nproc)}
constants=runs/constants.jsonl
mkdir -p runs

mpirun --oversubscribe -n 2 deno task --quiet bench comm --seconds 0.2 | tee "$constants"
deno task --quiet bench step --batch 8 --steps 5 --json | tee -a "$constants"
deno task --quiet bench step --batch 32 --steps 5 --json | tee -a "$constants"
deno task --quiet plan --student student --teacher teacher --device cpu-core --cores "$(nproc)" \
  --gpus "1,$ranks" --nodes 1,1 --constants "$constants"
deno task --quiet plan --student student --teacher teacher --check "1,$ranks"
