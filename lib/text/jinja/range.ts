/**
 * The value of `range()`.
 *
 * @module
 */
import { Instance, type Value } from "./value.ts";

/** A range of integers. */
export class Range extends Instance {
  override readonly type: string = "range";
  constructor(readonly start: bigint, readonly stop: bigint, readonly step: bigint) {
    super();
  }
  override size(): number {
    const span = this.step > 0n ? this.stop - this.start : this.start - this.stop;
    const step = this.step > 0n ? this.step : -this.step;
    return span <= 0n ? 0 : Number((span + step - 1n) / step);
  }
  override item(index: number): bigint {
    return this.start + BigInt(index) * this.step;
  }
  override *iterate(): Iterator<Value> {
    const size = this.size();
    for (let index = 0; index < size; index++) yield this.item(index);
  }
  override *reversed(): Iterator<Value> {
    for (let index = this.size() - 1; index >= 0; index--) yield this.item(index);
  }
  override contains(value: Value): boolean {
    const number = typeof value === "boolean" ? BigInt(value) : value;
    if (typeof number !== "bigint" && !(typeof number === "number" && Number.isInteger(number))) return false;
    const [low, high] = this.step > 0n ? [this.start, this.stop - 1n] : [this.stop + 1n, this.start];
    return number >= low && number <= high && (BigInt(number) - this.start) % this.step === 0n;
  }
  override repr(): string {
    return `range(${this.start}, ${this.stop}${this.step === 1n ? "" : `, ${this.step}`})`;
  }
}
