/** vLLM on the processor, from the ignored folder `.vllm`, as a real server of teachers. */
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../../.vllm", import.meta.url));

/** Why vLLM cannot be started, or undefined if it can. */
export function lacksVllm(): string | undefined {
  try {
    Deno.statSync(`${folder}/bin/vllm`);
    return undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "there is no vLLM in .vllm, tests/vllm/install.sh makes it";
    throw error;
  }
}

/** A running vLLM. */
export interface VllmServer extends AsyncDisposable {
  /** Its address, with the name of the model. */
  address: string;
}

/**
 * Serves a folder's model, in float32.
 *
 * @param model The folder.
 * @param options The most log-probabilities, and the port, a free one if it is absent.
 */
export async function serveByVllm(
  model: string,
  { maxLogprobs, port = freePort() }: { maxLogprobs: number; port?: number },
): Promise<VllmServer> {
  const args = ["serve", model, "--served-model-name", "served", "--dtype", "float32", "--enforce-eager"];
  args.push("--max-model-len", "512", "--max-logprobs", String(maxLogprobs), "--host", "127.0.0.1");
  const log = await Deno.makeTempFile();
  const env = {
    VLLM_CPU_KVCACHE_SPACE: "1",
    VLLM_NO_USAGE_STATS: "1",
    VLLM_LOGGING_LEVEL: "WARNING",
    HF_HUB_OFFLINE: "1",
  };
  const command = `exec "$0" "$@" >${log} 2>&1`;
  const child = new Deno.Command("bash", {
    args: ["-c", command, `${folder}/bin/vllm`, ...args, "--port", String(port)],
    env,
    stdin: "null",
  }).spawn();
  let ended = false;
  const status = child.status.then(() => void (ended = true));
  const address = `http://127.0.0.1:${port}/v1#served`;
  for (let seconds = 0; seconds < 600; seconds += 1) {
    const ready = await fetch(`http://127.0.0.1:${port}/health`).then(async (response) => {
      await response.body?.cancel();
      return response.ok;
    }, () => false);
    if (ready) {
      return {
        address,
        async [Symbol.asyncDispose]() {
          child.kill("SIGTERM");
          await status;
        },
      };
    }
    if (ended) break;
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  if (!ended) child.kill("SIGKILL");
  throw new Error(`vLLM did not start: ${(await Deno.readTextFile(log)).slice(-3000)}`);
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
