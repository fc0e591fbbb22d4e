#!/usr/bin/env bash
# Distils GPT-2 XL into GPT-2 on the eight GPUs of this machine, a rank each; the same command goes on with it.
#
#     bash tasks/configs/cluster/node_8.sh [more flags of deno task distill]
set -euo pipefail
cd "$(dirname "$0")/../../.."
ranks=${RANKS:-8}
# A rank is bound to its share of the cores; NCCL carries the gradients.
mpirun -n "$ranks" --map-by "slot:PE=${CORES_PER_RANK:-8}" --bind-to core \
  deno task --quiet distill --config tasks/configs/gpt2/distill/amid_0.1b.json --name gpt2-amid-8 \
  --distributed --engine torch --device cuda --precision bfloat16 --shard-optimizer \
  --save-every 200 --resume auto "$@"
