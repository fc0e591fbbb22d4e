/**
 * libtorch's stable C interface, as data: each function with its arguments and result. Nothing else in the engine knows
 * a C signature.
 *
 * Every function of libtorch that returns `i32` returns 0 on success. Handles are owned pointers, as 64-bit integers;
 * `buffer` arguments are arrays that the call reads or writes before it returns.
 *
 * @module
 */

/**
 * Functions of the C library that are called before libtorch is loaded. They are reached through its own dependencies:
 * no other library needs to be permitted.
 */
export const settingSymbols = {
  mallopt: { parameters: ["i32", "i32"], result: "i32" },
  getenv: { parameters: ["buffer"], result: "pointer" },
  setenv: { parameters: ["buffer", "buffer", "i32"], result: "i32" },
  open: { parameters: ["buffer", "i32"], result: "i32" },
  read: { parameters: ["i32", "buffer", "u64"], result: "i64" },
  close: { parameters: ["i32"], result: "i32" },
  advise: { name: "madvise", parameters: ["u64", "u64", "i32"], result: "i32", nonblocking: true },
} as const;

/** Functions that serve every device. */
export const symbols = {
  // what the library is
  aoti_torch_abi_version: { parameters: [], result: "u64" },
  aoti_torch_dtype_uint8: { parameters: [], result: "i32" },
  aoti_torch_dtype_int8: { parameters: [], result: "i32" },
  aoti_torch_dtype_int32: { parameters: [], result: "i32" },
  aoti_torch_dtype_int64: { parameters: [], result: "i32" },
  aoti_torch_dtype_float16: { parameters: [], result: "i32" },
  aoti_torch_dtype_float32: { parameters: [], result: "i32" },
  aoti_torch_dtype_float64: { parameters: [], result: "i32" },
  aoti_torch_dtype_bool: { parameters: [], result: "i32" },
  aoti_torch_dtype_bfloat16: { parameters: [], result: "i32" },
  aoti_torch_dtype_uint64: { parameters: [], result: "i32" },
  aoti_torch_device_type_cpu: { parameters: [], result: "i32" },
  aoti_torch_device_type_cuda: { parameters: [], result: "i32" },
  aoti_torch_grad_mode_set_enabled: { parameters: ["bool"], result: "void" },
  torch_get_num_threads: { parameters: ["buffer"], result: "i32" },
  omp_set_num_threads: { parameters: ["i32"], result: "void" },
  // tensors: rank, sizes, strides, dtype, device type, device index, result
  aoti_torch_empty_strided: {
    parameters: ["i64", "buffer", "buffer", "i32", "i32", "i32", "buffer"],
    result: "i32",
  },
  // the same in memory that a device copies from and to while the program goes on
  aoti_torch_empty_strided_pinned: {
    parameters: ["i64", "buffer", "buffer", "i32", "i32", "i32", "buffer"],
    result: "i32",
  },
  // tensor, rank, sizes, strides, offset to add, result
  aoti_torch__reinterpret_tensor: { parameters: ["u64", "i64", "buffer", "buffer", "i64", "buffer"], result: "i32" },
  aoti_torch_new_tensor_handle: { parameters: ["u64", "buffer"], result: "i32" },
  aoti_torch_delete_tensor_object: { parameters: ["u64"], result: "i32" },
  aoti_torch_scalar_to_tensor_float32: { parameters: ["f32", "buffer"], result: "i32" },
  aoti_torch_scalar_to_tensor_float64: { parameters: ["f64", "buffer"], result: "i32" },
  aoti_torch_scalar_to_tensor_int32: { parameters: ["i32", "buffer"], result: "i32" },
  aoti_torch_copy_: { parameters: ["u64", "u64", "i32"], result: "i32" },
  aoti_torch_aten_fill__Scalar: { parameters: ["u64", "f64"], result: "i32" },
  aoti_torch_aten_subtract_Tensor: { parameters: ["u64", "u64", "f64", "buffer"], result: "i32" },
  // what a tensor is
  aoti_torch_get_data_ptr: { parameters: ["u64", "buffer"], result: "i32" },
  aoti_torch_get_dim: { parameters: ["u64", "buffer"], result: "i32" },
  aoti_torch_get_size: { parameters: ["u64", "i64", "buffer"], result: "i32" },
  aoti_torch_get_strides: { parameters: ["u64", "buffer"], result: "i32" },
  aoti_torch_get_dtype: { parameters: ["u64", "buffer"], result: "i32" },
  aoti_torch_get_storage_size: { parameters: ["u64", "buffer"], result: "i32" },
  aoti_torch_is_contiguous: { parameters: ["u64", "buffer"], result: "i32" },
  // x wᵀ + bias by oneDNN, which is faster than ATen's products of float32: x, w, address of the bias or null, what is
  // fused behind it, its parameters, their number, address of its algorithm's name or null, result
  aoti_torch_cpu__linear_pointwise: {
    parameters: ["u64", "u64", "buffer", "buffer", "pointer", "i64", "buffer", "buffer"],
    result: "i32",
    optional: true,
  },
  // any operator by its name: name, overload, stack of arguments and results, version of the caller
  torch_call_dispatcher: { parameters: ["buffer", "buffer", "buffer", "u64"], result: "i32" },
  torch_new_list_reserve_size: { parameters: ["u64", "buffer"], result: "i32" },
  torch_list_push_back: { parameters: ["u64", "u64"], result: "i32" },
  torch_new_string_handle: { parameters: ["buffer", "u64", "buffer"], result: "i32" },
  // the C library
  malloc: { parameters: ["u64"], result: "u64" },
  write_bytes: { name: "memcpy", parameters: ["u64", "buffer", "u64"], result: "void" },
  read_bytes: { name: "memcpy", parameters: ["buffer", "u64", "u64"], result: "void" },
  dlopen: { parameters: ["buffer", "i32"], result: "u64" },
  dlsym: { parameters: ["u64", "buffer"], result: "u64" },
  // the C++ library: std::stringbuf(mode) made in some memory, and std::ios::rdbuf(buffer)
  make_string_buffer: {
    name: "_ZNSt7__cxx1115basic_stringbufIcSt11char_traitsIcESaIcEEC1ESt13_Ios_Openmode",
    parameters: ["u64", "i32"],
    result: "void",
  },
  set_stream_buffer: {
    name: "_ZNSt9basic_iosIcSt11char_traitsIcEE5rdbufEPSt15basic_streambufIcS1_E",
    parameters: ["u64", "u64"],
    result: "u64",
  },
} as const;

/**
 * Functions that each device has under its own name: those operators whose arguments the dispatcher cannot carry
 * because they are scalars of no fixed type. They borrow their arguments.
 */
export function deviceSymbols(device: "cpu" | "cuda") {
  const named = <const Parameters extends Deno.NativeType[]>(operator: string, parameters: Parameters) =>
    ({ name: `aoti_torch_${device}_${operator}`, parameters, result: "i32" }) as const;
  return {
    add: named("add_Tensor", ["u64", "u64", "f64", "buffer"]), // a + alpha b
    add_scalar: named("add_Scalar", ["u64", "f64", "f64", "buffer"]),
    multiply_scalar: named("mul_Scalar", ["u64", "f64", "buffer"]),
    power_scalar: named("pow_Tensor_Scalar", ["u64", "f64", "buffer"]),
    addmm_out: named("addmm_out", ["u64", "u64", "u64", "u64", "f64", "f64"]), // out = beta self + alpha a b
  } as const;
}

/** Codes of the element types, checked against the library when it is loaded. */
export const dtypes = {
  uint8: 0,
  int8: 1,
  int32: 3,
  int64: 4,
  float16: 5,
  float32: 6,
  float64: 7,
  bool: 11,
  bfloat16: 15,
  uint64: 29,
} as const;

/** The code of an element type. */
export type DTypeCode = (typeof dtypes)[keyof typeof dtypes];
