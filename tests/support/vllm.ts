/** vLLM on the processor, from the ignored folder `.vllm`, as a real server of teachers. */
import { fileURLToPath } from "node:url";
import { lacksProgram } from "./lacks_program.ts";
import { type StartedServer, startServer } from "./started_server.ts";

const program = fileURLToPath(new URL("../../.vllm/bin/vllm", import.meta.url));

/** Why vLLM cannot be started, or undefined if it can. */
export const lacksVllm = (): string | undefined =>
  lacksProgram(program, "there is no vLLM in .vllm, tests/vllm/install.sh makes it");

/**
 * Serves a folder's model, in float32.
 *
 * @param model The folder.
 * @param options The most log-probabilities, and the port, a free one if it is absent.
 */
export async function serveByVllm(
  model: string,
  { maxLogprobs, port }: { maxLogprobs: number; port?: number },
): Promise<StartedServer> {
  const args = ["serve", model, "--served-model-name", "served", "--dtype", "float32", "--enforce-eager"];
  args.push("--max-model-len", "512", "--max-logprobs", String(maxLogprobs), "--host", "127.0.0.1");
  const env = {
    VLLM_CPU_KVCACHE_SPACE: "1",
    VLLM_NO_USAGE_STATS: "1",
    VLLM_LOGGING_LEVEL: "WARNING",
    HF_HUB_OFFLINE: "1",
  };
  const command = (port: number) => [program, ...args, "--port", String(port)];
  const server = await startServer({ name: "vLLM", command, env, ready: "/health", port });
  return { ...server, address: `${server.address}#served` };
}
