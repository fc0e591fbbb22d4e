import { assertEquals } from "../support/mod.ts";
import { nearest, suggestion } from "../../lib/text/nearest.ts";

Deno.test("nearest() finds the word that was meant", () => {
  const known = ["learningRate", "lambda", "steps"];
  assertEquals(nearest("learning_rate", known), "learningRate");
  assertEquals(nearest("lamda", known), "lambda");
  assertEquals(nearest("setps", known), "steps");
});

Deno.test("nearest() finds nothing where nothing is near", () => {
  assertEquals(nearest("temperature", ["lambda", "steps"]), undefined);
  assertEquals(suggestion("temperature", ["lambda"]), "");
});
