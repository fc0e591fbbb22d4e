/** Files of PyTorch's against the same tensors in safetensors, and pickles that would run something. */
import { useEngine } from "../../../../lib/engines/mod.ts";
import { loadModel, saveModel } from "../../../../lib/models/mod.ts";
import { SafetensorsFile } from "../../../../lib/models/weights/safetensors.ts";
import { TorchFile } from "../../../../lib/models/weights/torch/torch_file.ts";
import { assert, assertAllClose, assertEquals, assertRejects } from "../../../support/mod.ts";
import { python, testWithPython } from "../../../support/python.ts";
import { tinyFamily } from "../../../support/tiny_families.ts";
import { torchFiles } from "../../../support/torch_files.ts";

await useEngine("wasm");

for (const name of ["types", "own types", "views", "module"]) {
  testWithPython(["torch", "safetensors"], `TorchFile reads ${name} bit for bit as safetensors has them`, async () => {
    const folder = await torchFiles();
    for (const ending of name === "own types" ? ["pt"] : ["pt", "old.pt"]) {
      using expected = await SafetensorsFile.open(`${folder}/${name}.safetensors`);
      const file = await TorchFile.open(`${folder}/${name}.${ending}`);
      assertEquals([...file.tensors.keys()].sort(), [...expected.tensors.keys()].sort());
      for (const [tensor, { format, shape, byteLength }] of expected.tensors) {
        assertEquals(file.tensors.get(tensor), { format, shape, byteLength }, tensor);
        assertEquals(
          await file.bytes(tensor, 0, byteLength),
          await expected.bytes(tensor, 0, byteLength),
          `${tensor} of ${name}.${ending}`,
        );
      }
      file.close();
    }
  });
}

testWithPython(["torch", "safetensors"], "TorchFile.read() returns float32 numbers, of some rows too", async () => {
  const folder = await torchFiles();
  for (const name of ["types", "views"]) {
    using expected = await SafetensorsFile.open(`${folder}/${name}.safetensors`);
    const file = await TorchFile.open(`${folder}/${name}.pt`);
    for (const [tensor, { format, shape }] of expected.tensors) {
      if (!["F32", "F16", "BF16"].includes(format)) {
        const message = `weights must be stored as one of F32, F16, BF16, "${tensor}" is stored as ${format}`;
        await assertRejects(() => file.read(tensor), TypeError, message);
        continue;
      }
      const whole = await expected.read(tensor);
      assertEquals(await file.read(tensor), whole, tensor);
      if (shape.length < 2 || shape[0] < 3) continue;
      const width = whole.length / shape[0];
      assertEquals(await file.read(tensor, { rows: { from: 1, to: 3 } }), whole.slice(width, 3 * width), tensor);
    }
    await assertRejects(() => file.read("none"), ReferenceError, `has no such tensor`);
    file.close();
  }
});

/** Writes a model's weights by Python's torch.save, into a folder for each form: one file, or several with an index. */
const repack = `
import json, sys, torch
from safetensors.torch import load_file
parent, *forms = sys.argv[1:]
for form in forms:
    folder = f"{parent}/{form}"
    weights = load_file(f"{parent}/model.safetensors")
    if form == "shards":
        names, map = list(weights), {}
        for index, part in enumerate([names[::2], names[1::2]], 1):
            file = f"pytorch_model-0000{index}-of-00002.bin"
            torch.save({name: weights[name] for name in part}, f"{folder}/{file}")
            map.update({name: file for name in part})
        json.dump({"metadata": {}, "weight_map": map}, open(f"{folder}/pytorch_model.bin.index.json", "w"))
    else:
        weights["lm_head.weight"] = weights["model.embed_tokens.weight"]  # one storage for both
        name = "model.pt" if form == "lone" else "pytorch_model.bin"
        torch.save(weights, f"{folder}/{name}", _use_new_zipfile_serialization=form != "old")
`;

testWithPython(["torch", "safetensors"], "loadModel() reads folders with files of PyTorch's", async () => {
  const model = tinyFamily("qwen2", 4);
  const inputs = { inputIds: [[1, 5, 9, 20], [3, 3, 50, 0]] };
  const [parent, forms] = [await Deno.makeTempDir(), ["zip", "old", "lone", "shards"]];
  await saveModel(model, parent);
  for (const form of forms) {
    await Deno.mkdir(`${parent}/${form}`);
    await Deno.copyFile(`${parent}/config.json`, `${parent}/${form}/config.json`);
    await Deno.writeTextFile(`${parent}/${form}/training_args.bin`, "no weights");
  }
  await python(repack, [parent, ...forms]);
  for (const form of forms) {
    const loaded = await loadModel(`${parent}/${form}`);
    assertAllClose(loaded.logits(inputs), model.logits(inputs), { atol: 0, rtol: 0 });
    assert(!loaded.parameters.has("lm_head.weight"));
    loaded.dispose();
  }
  await Deno.remove(`${parent}/shards/pytorch_model.bin.index.json`);
  await assertRejects(
    () => loadModel(`${parent}/shards`),
    TypeError,
    "in several that pytorch_model.bin.index.json names",
  );
  model.dispose();
});

/** Pickles that run something in Python, as a file and as an archive; it says whether they did. */
const harmful = `
import os, pickle, pickletools, sys, torch, zipfile
folder = sys.argv[1]
class Run:
    def __reduce__(self): return (os.system, (f"touch {folder}/was-run",))
class Eval:
    def __reduce__(self): return (eval, ("1 + 1",))
class Old:
    def __init__(self): self.weight = 1
torch.save({"a": torch.ones(2), "b": Run()}, f"{folder}/system.pt")
torch.save({"b": Run()}, f"{folder}/system.old.pt", _use_new_zipfile_serialization=False)
torch.save({"b": Eval()}, f"{folder}/eval.pt")
torch.save({"b": Old()}, f"{folder}/class.pt")
torch.save({"b": torch.nn.Linear(2, 2)}, f"{folder}/module.pt")
torch.save([torch.ones(2)], f"{folder}/list.pt")
torch.save({"a": torch.ones(2), "epoch": 3}, f"{folder}/number.pt")
torch.save({"a": torch.ones(2, dtype=torch.complex64)}, f"{folder}/complex.pt")
torch.save({"a": torch.ones(2).expand(3, 2)}, f"{folder}/expanded.pt")
torch.save({"a": torch.ones(2, device="meta")}, f"{folder}/meta.pt")
torch.save({"a": torch._neg_view(torch.ones(2))}, f"{folder}/negated.pt")
torch.save({"a": torch._neg_view(torch.ones(2))}, f"{folder}/negated.old.pt", _use_new_zipfile_serialization=False)
torch.save({"a": torch._neg_view(torch.ones(2).to(torch.uint16))}, f"{folder}/negated16.pt")
def archive(name, pickled, **options):
    with zipfile.ZipFile(f"{folder}/{name}.pt", "w", **options) as file: file.writestr("archive/data.pkl", pickled)
archive("builtin", b"cbuiltins\\nexec\\n(S'1'\\ntR.")
archive("stack", b"\\x80\\x04\\x8c\\x05posix\\x8c\\x06system\\x93\\x8c\\x01x\\x85R.")
archive("attribute", b"\\x80\\x02ctorch._utils\\n_rebuild_tensor_v2.__globals__\\n.")
archive("instance", b"\\x80\\x02(ios\\nsystem\\n.")
archive("packed", b"\\x80\\x02}." * 50, compression=zipfile.ZIP_DEFLATED)
`;

testWithPython(["torch"], "TorchFile refuses by name anything but tensors, and runs nothing", async () => {
  const folder = await Deno.makeTempDir();
  await python(harmful, [folder]);
  const cases: [string, new (message: string) => Error, string][] = [
    ["system.pt", TypeError, "it may only name tensors, it names posix.system, which is not run"],
    ["system.old.pt", TypeError, "it names posix.system, which is not run"],
    ["eval.pt", TypeError, "eval, which is not run"],
    ["class.pt", TypeError, "__main__.Old, which is not run"],
    ["module.pt", TypeError, "torch.nn.modules.linear.Linear, which is not run"],
    ["list.pt", TypeError, "a dictionary of tensors is needed, it holds a list that starts with"],
    ["number.pt", TypeError, `it must map names to tensors, "epoch" is 3`],
    ["complex.pt", TypeError, "torch.ComplexFloatStorage, which is not run"],
    ["expanded.pt", SyntaxError, "a tensor of shape [3,2] and strides [0,1] from 0 on lies outside its storage of 2"],
    ["meta.pt", TypeError, "torch._utils._rebuild_meta_tensor_no_storage, which is not run"],
    ...["negated.pt", "negated.old.pt", "negated16.pt"].map((name): [string, typeof SyntaxError, string] => [
      name,
      SyntaxError,
      'a tensor is marked "neg", which is not supported',
    ]),
    ["builtin.pt", TypeError, "builtins.exec, which is not run"],
    ["stack.pt", TypeError, "posix.system, which is not run"],
    ["attribute.pt", TypeError, "torch._utils._rebuild_tensor_v2.__globals__, which is not run"],
    ["instance.pt", SyntaxError, "its instruction 0x69 is not supported, at byte 3 of its pickle"],
    ["packed.pt", SyntaxError, `"archive/data.pkl" is compressed, by method 8`],
  ];
  for (const [name, kind, message] of cases) {
    await assertRejects(() => TorchFile.open(`${folder}/${name}`), kind, message);
    await assertRejects(() => TorchFile.open(`${folder}/${name}`), kind, `Cannot read ${folder}/${name}: `);
  }
  await assertRejects(() => TorchFile.open(`${folder}/none.pt`), Deno.errors.NotFound, "none.pt");
  await Deno.writeTextFile(`${folder}/text.pt`, "version 1");
  await assertRejects(
    () => TorchFile.open(`${folder}/text.pt`),
    SyntaxError,
    "a file written by torch.save is needed, it is a text",
  );
  assertEquals([...Deno.readDirSync(folder)].filter(({ name }) => name === "was-run"), []);
});
