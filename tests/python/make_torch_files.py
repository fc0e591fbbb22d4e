"""Writes files as PyTorch's torch.save does, now and before 1.6, and beside each the same tensors in safetensors.

    python make_torch_files.py FOLDER

Made with torch 2.11 and safetensors; FOLDER/NAME.pt, FOLDER/NAME.old.pt where the old form has it, FOLDER/NAME.safetensors.
"""
import collections
import sys

import torch
from safetensors.torch import save_file

folder = sys.argv[1]
generator = torch.Generator().manual_seed(1)
normal = lambda *shape: torch.randn(shape, generator=generator)
matrix, table = normal(5, 7), normal(6, 4, 3)
joint = normal(12, 4)

types = [torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.int64, torch.int32, torch.int16, torch.int8]
types += [torch.uint8, torch.bool]
own_types = [torch.uint16, torch.uint32, torch.uint64, torch.float8_e4m3fn, torch.float8_e5m2]

tensors = {
    "types": {str(kind): (5 * matrix).to(kind) for kind in types},
    "own types": {str(kind): (5 * matrix.abs()).to(kind) for kind in own_types},
    "views": {
        "transposed": matrix.T,
        "permuted": table.permute(2, 0, 1),
        "every other row": matrix[::2],
        "some columns": table[1:4, ::2, 1:],
        "half": matrix.half().T,
        "byte": (9 * matrix).to(torch.uint8)[:, 2:4],
        "double": matrix.double().T,
        "first": joint[:8],
        "last": joint[8:],
        "number": matrix[2, 3],
        "empty": matrix[:0],
        "one": matrix[1:2].T,
        "parameter": torch.nn.Parameter(matrix[3:]),
    },
}
for name, values in tensors.items():
    save_file({key: value.detach().clone().contiguous() for key, value in values.items()}, f"{folder}/{name}.safetensors")
    torch.save(values, f"{folder}/{name}.pt")
    if name != "own types":
        torch.save(values, f"{folder}/{name}.old.pt", _use_new_zipfile_serialization=False)

module = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.BatchNorm1d(2))
state = module.state_dict()
save_file({key: value.clone() for key, value in state.items()}, f"{folder}/module.safetensors")
torch.save(state, f"{folder}/module.pt")
torch.save({"epoch": 3, "state_dict": state, "loss": 0.5}, f"{folder}/module.old.pt", _use_new_zipfile_serialization=False)

small = collections.OrderedDict(a=normal(3, 2), b=normal(4).half(), c=normal(2, 3).T)
torch.save(small, f"{folder}/small.pt")
torch.save(small, f"{folder}/small.old.pt", _use_new_zipfile_serialization=False)
save_file({key: value.contiguous() for key, value in small.items()}, f"{folder}/small.safetensors")
