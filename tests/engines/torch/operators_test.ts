/** The table of operators against PyTorch's own schemas, and the table of C functions against its libraries. */
import { operators } from "../../../lib/engines/torch/operators.ts";
import { deviceSymbols, symbols } from "../../../lib/engines/torch/symbols.ts";
import { cudaSymbols } from "../../../lib/engines/torch/cuda/symbols.ts";
import { assertEquals } from "../../support/mod.ts";
import { python, testWithPython } from "../../support/python.ts";

/** Prints each operator's argument types, and how many tensors it returns, as the table has them. */
const program = `
import json, sys, torch
words = {"Tensor": "tensor", "List[Tensor]": "tensors", "int": "int", "SymInt": "int", "float": "float", "bool": "bool",
         "str": "string", "List[int]": "ints", "List[bool]": "bools", "number": "number", "Device": "device",
         "Layout": "layout", "MemoryFormat": "int", "Generator": "generator", "List[SymInt]": "ints"}
def word(kind):
    text = str(kind)
    if text.startswith("Optional["): return word_of(text[9:-1]) + "?"
    return word_of(text)
def word_of(text): return words.get(text, text)
found = {}
for name in json.loads(sys.argv[1]):
    space, rest = name.split("::")
    operator, _, overload = rest.partition(".")
    schema = torch._C._get_schema(f"{space}::{operator}", overload)
    tensors = sum(str(r.type) in ("Tensor", "List[Tensor]") for r in schema.returns)
    found[name] = {"takes": [word(a.type) for a in schema.arguments], "returns": tensors}
print(json.dumps(found))
`;

testWithPython(["torch"], "operators agrees with the schemas of PyTorch, argument by argument", async () => {
  const names = Object.values(operators).map(({ schema }) => schema);
  const found = JSON.parse(await python(program, [JSON.stringify(names)])) as Record<
    string,
    { takes: string[]; returns: number }
  >;
  for (const operator of Object.values(operators)) {
    const { schema, takes } = operator;
    const theirs = found[schema];
    assertEquals(takes.length, theirs.takes.length, `${schema} takes ${theirs.takes}`);
    takes.forEach((type, i) => {
      // An absent argument is any optional one; a dtype is an int to Python, as is a memory format.
      if (type === "absent") return assertEquals(theirs.takes[i].endsWith("?"), true, `${schema}, argument ${i}`);
      assertEquals(type.replace("dtype", "int"), theirs.takes[i], `${schema}, argument ${i}`);
    });
    assertEquals("returns" in operator ? operator.returns : 1, theirs.returns, `${schema} returns`);
  }
});

/** Prints the functions that neither the library nor what it brings along has. */
const lacking = `
import ctypes, json, os, sys, torch
folder = os.path.join(os.path.dirname(torch.__file__), "lib")
library = ctypes.CDLL(os.path.join(folder, sys.argv[1]))
print(json.dumps([name for name in json.loads(sys.argv[2]) if not hasattr(library, name)]))
`;

const ownNames = (table: Record<string, object>) =>
  Object.entries(table).filter(([, definition]) => !("optional" in definition)).map(([key, definition]) =>
    "name" in definition ? definition.name : key
  );

for (
  const [file, table] of Object.entries({
    "libtorch_cpu.so": { ...symbols, ...deviceSymbols("cpu") },
    "libtorch_cuda.so": { ...cudaSymbols, ...deviceSymbols("cuda") },
  })
) {
  testWithPython(["torch"], `every function that the engine calls is in ${file}`, async () => {
    assertEquals(JSON.parse(await python(lacking, [file, JSON.stringify(ownNames(table))])), []);
  });
}
