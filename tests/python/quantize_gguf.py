"""Numbers in the blocks of GGUF's types, by the package gguf and by ggml itself.

    python quantize_gguf.py NUMBERS FOLDER [LIBRARY]

NUMBERS holds float32 numbers, a multiple of 256. Writes FOLDER/<type>.bin for each type that gguf can make, and with
LIBRARY, llama.cpp's libggml-base, FOLDER/ggml-Q4_K.bin by its ggml_quantize_chunk().
"""
import ctypes
import sys

import numpy as np
from gguf import GGMLQuantizationType
from gguf.quants import quantize

numbers = np.fromfile(sys.argv[1], dtype=np.float32)
for name in ["F16", "BF16", "Q8_0", "Q4_0"]:
    quantize(numbers.reshape(-1, 256), GGMLQuantizationType[name]).tofile(f"{sys.argv[2]}/{name}.bin")
if len(sys.argv) > 3:
    library = ctypes.CDLL(sys.argv[3])
    library.ggml_quantize_chunk.restype = ctypes.c_size_t
    library.ggml_quantize_chunk.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, *[ctypes.c_int64] * 3,
                                            ctypes.c_void_p]
    blocks = np.zeros(numbers.size // 256 * 144, dtype=np.uint8)
    written = library.ggml_quantize_chunk(int(GGMLQuantizationType.Q4_K), numbers.ctypes.data, blocks.ctypes.data, 0,
                                          numbers.size // 256, 256, None)
    assert written == blocks.size, written
    blocks.tofile(f"{sys.argv[2]}/ggml-Q4_K.bin")
