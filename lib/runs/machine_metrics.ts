/**
 * The machine's metrics of a step.
 *
 * @module
 */
import { memory } from "@tensorflow/tfjs-core";
import type { RecordedEvent } from "./recorder.ts";

/**
 * Adds speed and memory to the metrics of a step: tokens per second, bytes of all tensors, resident bytes of the
 * process.
 */
export function withMachineMetrics(event: RecordedEvent): RecordedEvent {
  if (event.type !== "step") return event;
  const { tokens, seconds, metrics } = event;
  const speed: Record<string, number> = seconds > 0 ? { tokensPerSecond: tokens / seconds } : {};
  const machine = { ...speed, tensorBytes: memory().numBytes, residentBytes: Deno.memoryUsage().rss };
  return { ...event, metrics: { ...metrics, ...machine } };
}
