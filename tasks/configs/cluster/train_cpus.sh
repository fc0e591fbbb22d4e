#!/usr/bin/env bash
# Distils the built-in teacher into the built-in student on this machine's cores, a rank each; the same command goes on
# with it. With a file of hosts the ranks are on several machines, which see the checkout under the same path.
#
#     bash tasks/configs/cluster/train_cpus.sh [ranks [hosts]]
set -euo pipefail
cd "$(dirname "$0")/../../.."
ranks=${1:-$(nproc)}
hosts=()
if [ -n "${2:-}" ]; then hosts=(--hostfile "$2"); fi
# On Ctrl-C mpirun waits so many seconds before it passes on a signal to end, and as many before it kills.
export OMPI_MCA_odls_base_sigkill_timeout=${GRACE:-20}
mpirun -n "$ranks" ${hosts[@]+"${hosts[@]}"} \
  deno task --quiet distill --name "cpus-$ranks" --distributed --engine "${ENGINE:-wasm}" --shard-optimizer \
  --save-every 50 --resume auto
