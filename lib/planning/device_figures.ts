/**
 * Devices and links by their data sheets.
 *
 * @module
 */
import type { Link } from "./collectives.ts";

/** A device's figures from its data sheet. */
export interface DeviceFigures {
  /** Dense operations per second in the precision that training multiplies in. */
  peakFlops: number;
  /** Bytes per second from and to its memory. */
  memoryBandwidth: number;
  /** Bytes of its memory. */
  memory: number;
  /** To its neighbours in a node. */
  inside: Link;
  /** Whether its memory is the host's. */
  unified: boolean;
}

/**
 * Devices by name.
 *
 * Sources: `h100` and `a100` are the SXM modules, bfloat16 without sparsity, of NVIDIA's data sheets "H100 Tensor Core
 * GPU" (2023: 989 TFLOP/s, 3.35 TB/s, 80 GB, NVLink 900 GB/s both ways together) and "A100 80GB" (2021: 312 TFLOP/s,
 * 2.039 TB/s, NVLink 600 GB/s). `cpu-core` is one core with AVX-512 in float32, half of the 205 GFLOP/s that the engine
 * torch was measured to reach on two. Latencies are of the order that NCCL's and Open MPI's own tests report.
 */
export const deviceFigures: Record<"h100" | "a100" | "cpu-core", DeviceFigures> = {
  "h100": {
    peakFlops: 989e12,
    memoryBandwidth: 3.35e12,
    memory: 80e9,
    inside: { latency: 5e-6, bandwidth: 450e9 },
    unified: false,
  },
  "a100": {
    peakFlops: 312e12,
    memoryBandwidth: 2.039e12,
    memory: 80e9,
    inside: { latency: 5e-6, bandwidth: 300e9 },
    unified: false,
  },
  "cpu-core": {
    peakFlops: 102e9,
    memoryBandwidth: 8e9,
    memory: 16e9,
    inside: { latency: 2e-6, bandwidth: 2e9 },
    unified: true,
  },
};
