/**
 * An operator of ATen, as the dispatcher knows it: its schema, and what TypeScript passes for each argument.
 *
 * @module
 */

/** An owned pointer to a tensor of libtorch. */
export type Handle = bigint;

/** What TypeScript passes for each argument type of a schema. */
export interface ArgumentTypes {
  tensor: Handle;
  "tensor?": Handle | null;
  tensors: readonly Handle[];
  int: number;
  "int?": number | null;
  ints: readonly number[];
  "ints?": readonly number[] | null;
  float: number;
  "float?": number | null;
  bool: boolean;
  "bool?": boolean | null;
  bools: readonly boolean[];
  dtype: number;
  "dtype?": number | null;
  string: string;
  /** Always the default generator, for no operator here draws numbers. */
  absent: null;
}

/** An argument type of a schema. */
export type ArgumentType = keyof ArgumentTypes;

/** An operator as the dispatcher knows it. */
export interface Operator {
  /** Name and overload, as in `aten::sum.dim_IntList`; no dot where there is no overload. */
  readonly schema: string;
  readonly takes: readonly ArgumentType[];
  /** How many tensors it returns, 1 by default. */
  readonly returns?: number;
}
