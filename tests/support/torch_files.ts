/** Files that Python's PyTorch writes, made once for a test file. */
import { fileURLToPath } from "node:url";
import { python } from "./python.ts";

const script = fileURLToPath(new URL("../python/make_torch_files.py", import.meta.url));
let folder: Promise<string> | undefined;

/** The folder of the files; see `tests/python/make_torch_files.py`. */
export function torchFiles(): Promise<string> {
  return folder ??= (async () => {
    const folder = await Deno.makeTempDir();
    const run = `import runpy, sys; sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name="__main__")`;
    await python(run, [script, folder]);
    return folder;
  })();
}
