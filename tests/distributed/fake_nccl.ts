/** A library with NCCL's interface whose ranks all have the same numbers, compiled by g++. */
import { join } from "node:path";
import { compile } from "../support/compiler.ts";

const source = `
#include <cstddef>
#include <cstring>
typedef struct { char internal[128]; } ncclUniqueId;
struct Comm { int ranks, rank; };
static const char* last = "";
extern "C" {
int ncclGetVersion(int* version) { *version = VERSION; return 0; }
const char* ncclGetErrorString(int result) { return result == 5 ? "invalid usage" : "unknown"; }
const char* ncclGetLastError(void*) { return last; }
int ncclGetUniqueId(ncclUniqueId* id) {
  for (int i = 0; i < 128; i++) id->internal[i] = (char) (7 * i + 3);
  return 0;
}
// By value, before and behind other arguments: what the caller passed must arrive byte by byte.
int ncclCommInitRank(Comm** comm, int ranks, ncclUniqueId id, int rank) {
  for (int i = 0; i < 128; i++) if (id.internal[i] != (char) (7 * i + 3)) { last = "the id is another"; return 5; }
  *comm = new Comm { ranks, rank };
  return 0;
}
int ncclCommGetAsyncError(Comm*, int* result) { *result = 0; return 0; }
int ncclCommDestroy(Comm* comm) { delete comm; return 0; }
int ncclCommAbort(Comm* comm) { delete comm; return 0; }
int ncclAllReduce(const float* in, float* out, size_t count, int type, int op, Comm* comm, void* stream) {
  if (type != 7 || op != 0 || stream != (void*) 42) { last = "the arguments are others"; return 5; }
  for (size_t i = 0; i < count; i++) out[i] = comm->ranks * in[i];
  return 0;
}
int ncclBroadcast(const float* in, float* out, size_t count, int type, int root, Comm* comm, void* stream) {
  if (type != 7 || stream != (void*) 42) { last = "the arguments are others"; return 5; }
  if (root != comm->rank) for (size_t i = 0; i < count; i++) out[i] = -in[i];
  return 0;
}
int ncclReduceScatter(const float* in, float* out, size_t count, int type, int op, Comm* comm, void* stream) {
  if (type != 7 || op != 0 || stream != (void*) 42) { last = "the arguments are others"; return 5; }
  for (size_t i = 0; i < count; i++) out[i] = comm->ranks * in[comm->rank * count + i];
  return 0;
}
int ncclAllGather(const float* in, float* out, size_t count, int type, Comm* comm, void* stream) {
  if (type != 7 || stream != (void*) 42) { last = "the arguments are others"; return 5; }
  for (int rank = 0; rank < comm->ranks; rank++) memcpy(out + rank * count, in, count * sizeof(float));
  return 0;
}
}`;

/** Compiles the library; `leftOut` is a function that it lacks. */
export async function compileNccl(
  folder: string,
  { version = 22809, leftOut }: { version?: number; leftOut?: string } = {},
): Promise<string> {
  const file = join(folder, `libnccl.${version}.${leftOut ?? "whole"}.so`);
  const text = leftOut ? source.replaceAll(leftOut, `not_${leftOut}`) : source;
  await Deno.writeTextFile(join(folder, "source.cpp"), text);
  const args = ["-shared", "-fPIC", "-O1", `-DVERSION=${version}`, "-o", file, join(folder, "source.cpp")];
  await compile(args);
  return file;
}
