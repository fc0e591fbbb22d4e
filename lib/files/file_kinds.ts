/**
 * What a file is instead of what was expected, recognized by its first bytes.
 *
 * @module
 */

/** First bytes of formats that are neither text nor safetensors, and what they are, with advice. */
const SIGNATURES: readonly [bytes: readonly number[], kind: string][] = [
  [[0xff, 0xfe, 0, 0], "UTF-32; save it as UTF-8"],
  [[0, 0, 0xfe, 0xff], "UTF-32; save it as UTF-8"],
  [[0xff, 0xfe], "UTF-16; save it as UTF-8, for instance by iconv -f UTF-16 -t UTF-8"],
  [[0xfe, 0xff], "UTF-16; save it as UTF-8, for instance by iconv -f UTF-16 -t UTF-8"],
  [[0x1f, 0x8b], "compressed by gzip; unpack it first, for instance by gunzip"],
  [[0x28, 0xb5, 0x2f, 0xfd], "compressed by zstd; unpack it first, for instance by unzstd"],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a], "compressed by xz; unpack it first, for instance by unxz"],
  [[0x42, 0x5a, 0x68, 0x39, 0x31, 0x41, 0x59], "compressed by bzip2; unpack it first, for instance by bunzip2"],
  [[0x50, 0x4b, 3, 4], "a zip archive (as PyTorch's weight files are); unpack or convert it first"],
  [[0x50, 0x41, 0x52, 0x31], "Parquet"],
  ...[2, 3, 4, 5].map((
    version,
  ): [number[], string] => [[0x80, version], "a Python pickle, a format that can run code when it is loaded"]),
  [[0x47, 0x47, 0x55, 0x46], "GGUF, llama.cpp's weight format"],
  ...["lmgg", "fmgg", "tjgg", "algg"].map((
    start,
  ): [number[], string] => [[...new TextEncoder().encode(start)], "in an older format of llama.cpp than GGUF"]),
  [[0x89, 0x48, 0x44, 0x46], "HDF5"],
  [[0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59], "an array of NumPy"],
];

/** Small text files that point to a file stored elsewhere. */
const POINTERS: readonly [start: RegExp, kind: string][] = [
  [
    /^version https:\/\/git-lfs\.github\.com\/spec\//,
    "a Git LFS pointer, not the file itself; git lfs pull fetches it",
  ],
  [
    /^(\.\.\/)*(\/annex\/objects\/|\.git\/annex\/)/,
    "a git-annex pointer, not the file itself; git annex get fetches it",
  ],
];

/** What servers send instead of a file. */
const PAGES: readonly [start: RegExp, kind: string][] = [
  [
    /^\s*<(!doctype html|html|head|body)\b/i,
    "an HTML page, as servers send instead of a file that they do not have",
  ],
  [/^\s*<(\?xml|error>)/i, "XML, as servers send instead of a file that they do not have"],
];

/** Keys of the objects in which servers report errors. */
const ERROR_KEYS = [
  "error",
  "errors",
  "error_description",
  "detail",
  "message",
  "status",
  "statusCode",
  "code",
  "requestId",
];

/** The error that a server sent instead of a JSON file, if the object is one. */
export function serverError(json: Readonly<Record<string, unknown>>): string | undefined {
  const told = json.error ?? json.errors ?? json.detail ?? json.message;
  if (told === undefined || !Object.keys(json).every((key) => ERROR_KEYS.includes(key))) return undefined;
  return typeof told === "string" ? told : JSON.stringify(told);
}

/** How many bytes of a file's start are examined. */
export const KIND_BYTES = 512;

const loose = (bytes: Uint8Array) => new TextDecoder().decode(bytes.subarray(0, KIND_BYTES));

const kindOf = (text: string, kinds: readonly [RegExp, string][]) => kinds.find(([start]) => start.test(text))?.[1];

/** What a file is by a signature or as a pointer; undefined if it is neither. */
export function fileKind(bytes: Uint8Array): string | undefined {
  const known = SIGNATURES.find(([start]) =>
    start.length <= bytes.length && start.every((byte, i) => bytes[i] === byte)
  );
  return known?.[1] ?? kindOf(loose(bytes), POINTERS);
}

/** Whether a text is a page that a server sent instead of a file, and of which kind. */
export const pageKind = (text: string): string | undefined => kindOf(text, PAGES);

/**
 * What a file is instead of a binary one.
 *
 * @param bytes Its first bytes, {@linkcode KIND_BYTES} or fewer if it is shorter.
 * @returns What it is, with advice; undefined if the kind is not recognized.
 */
export function otherThanBinary(bytes: Uint8Array): string | undefined {
  if (bytes.length === 0) return "empty";
  if (bytes.length >= 8 && bytes.every((byte) => byte === 0)) {
    return "all zeros at its start, as an interrupted download leaves it";
  }
  const kind = fileKind(bytes);
  if (kind !== undefined) return kind;
  const text = loose(bytes);
  const page = pageKind(text);
  if (page !== undefined) return page;
  // deno-lint-ignore no-control-regex
  if (/[\ufffd\0-\x08\x0e-\x1f]/.test(text)) return undefined;
  const start = text.trim().slice(0, 80);
  return `${/^[{[]/.test(start) ? "JSON" : "a text"}: ${start}${text.trim().length > 80 ? "…" : ""}`;
}
