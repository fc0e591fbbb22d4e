/** C++ programs that are compiled by g++, run once on a file, and gone. */
import { assert } from "../../../support/assert.ts";
import blockHeader from "./block.h" with { type: "text" };

/** Options for {@linkcode runProgram}. */
export interface RunProgramOptions {
  /** Other files that the source includes. */
  files?: Record<string, string>;
  /** @default {"-O1"} */
  optimization?: "-O0" | "-O1" | "-O2";
}

/** Compiles a source beside `block.h`, has it read some bytes, and gives the bytes that it wrote. */
export async function runProgram(
  source: string,
  input: readonly ArrayBufferView[],
  { files = {}, optimization = "-O1" }: RunProgramOptions = {},
): Promise<ArrayBuffer> {
  const folder = await Deno.makeTempDir();
  try {
    const all = { ...files, "block.h": blockHeader, "main.cpp": source };
    for (const [name, text] of Object.entries(all)) await Deno.writeTextFile(`${folder}/${name}`, text);
    await runToEnd("g++", [optimization, "-std=c++17", "-w", "-o", `${folder}/main`, `${folder}/main.cpp`]);
    await Deno.writeFile(`${folder}/input`, new Uint8Array(await new Blob(input as BlobPart[]).arrayBuffer()));
    await runToEnd(`${folder}/main`, [`${folder}/input`, `${folder}/output`]);
    return (await Deno.readFile(`${folder}/output`)).buffer;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function runToEnd(command: string, args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(command, { args }).output();
  assert(success, `${command} failed: ${new TextDecoder().decode(stderr).slice(0, 3000)}`);
}
