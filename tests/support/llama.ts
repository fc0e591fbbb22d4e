/** llama.cpp, as an independent reference for GGUF files, by node-llama-cpp in the ignored folder `.llama`. */
import { fileURLToPath } from "node:url";
import { assert } from "./assert.ts";

const folder = fileURLToPath(new URL("../../.llama", import.meta.url));

/** Why llama.cpp cannot be asked, or undefined if it can. */
export function lacksLlama(): string | undefined {
  try {
    Deno.statSync(`${folder}/node_modules/node-llama-cpp/package.json`);
    const { success } = new Deno.Command("node", { args: ["--version"], stdout: "null" }).outputSync();
    return success ? undefined : "node does not start";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "there is no llama.cpp in .llama, .ci/run has the line";
    if (error instanceof Deno.errors.NotCapable) return "the tests may not run programs";
    throw error;
  }
}

/** ggml's library in there, for what llama.cpp does inside; undefined where it is absent. */
export function ggmlLibrary(): string | undefined {
  if (lacksLlama() !== undefined || Deno.build.os !== "linux") return undefined;
  const platform = Deno.build.arch === "aarch64" ? "linux-arm64" : "linux-x64";
  return `${folder}/node_modules/@node-llama-cpp/${platform}/bins/${platform}/libggml-base.so`;
}

/** What llama.cpp is asked. */
export interface LlamaRequest {
  /** The GGUF file. */
  path: string;
  /** Ids that it continues, without any of its own before them. */
  prompts?: number[][];
  /** How many tokens it writes behind each, greedily. */
  count?: number;
  /** Texts that it cuts into tokens, special ones where they are written out, with none added. */
  texts?: string[];
  /** Ids that it turns into text. */
  decode?: number[][];
}

/** What llama.cpp answers. */
export interface LlamaAnswer {
  answers: number[][];
  ids: number[][];
  decoded: string[];
}

/** Asks llama.cpp in a process of its own; what it cannot load fails the test. */
export async function llamaAll(requests: readonly LlamaRequest[]): Promise<LlamaAnswer[]> {
  const script = fileURLToPath(new URL("../llama/reference.mjs", import.meta.url));
  const command = new Deno.Command("node", {
    args: [script, folder],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  });
  await using child = command.spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(JSON.stringify(requests)));
  await writer.close();
  const { success, stdout, stderr } = await child.output();
  assert(success, `llama.cpp failed: ${new TextDecoder().decode(stderr)}`);
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** Asks it one thing. */
export const llama = async (request: LlamaRequest): Promise<LlamaAnswer> => (await llamaAll([request]))[0];
