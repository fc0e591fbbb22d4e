/** The server of llama-cpp-python, from the ignored folder `.llama-cpp-python`, as a real server of teachers. */
import { fileURLToPath } from "node:url";
import { lacksProgram } from "./lacks_program.ts";
import { type StartedServer, startServer } from "./started_server.ts";

const program = fileURLToPath(new URL("../../.llama-cpp-python/bin/python", import.meta.url));

/** Why it cannot be started, or undefined if it can. */
export const lacksLlamaCppPython = (): string | undefined =>
  lacksProgram(
    program,
    "there is no llama-cpp-python in .llama-cpp-python, tests/llama_cpp_python/install.sh builds it",
  );

/** Serves a GGUF file. */
export function serveByLlamaCppPython(model: string): Promise<StartedServer> {
  const args = [
    "-m",
    "llama_cpp.server",
    "--model",
    model,
    "--logits_all",
    "true",
    "--n_ctx",
    "256",
    "--n_threads",
    "2",
  ];
  const command = (port: number) => [program, ...args, "--host", "127.0.0.1", "--port", String(port)];
  return startServer({ name: "llama-cpp-python", command, ready: "/v1/models" });
}
