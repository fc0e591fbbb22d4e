/** All cases of the conformance suite. */
import type { Case } from "./case.ts";
import { comparison } from "./comparison.ts";
import { elementwise } from "./elementwise.ts";
import { fused } from "./fused.ts";
import { indexing } from "./indexing.ts";
import { product } from "./product.ts";
import { reduction } from "./reduction.ts";
import { shape } from "./shape.ts";

export * from "./case.ts";
export * from "./outcome.ts";

/** The cases by the table they stand in. */
export const tables: Record<string, Case[]> = { elementwise, comparison, reduction, shape, indexing, product, fused };
