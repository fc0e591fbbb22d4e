/**
 * The documentation lint of the public surface.
 *
 *     deno task lint:docs
 *
 * `deno doc --lint` holds every type of another package that stands in a signature for a private one. Those of
 * tensorflow.js are meant to be there; whatever else it finds is an error.
 */
const foreign = /^error\[private-type-ref\].* references private type '(Scalar|Tensor(\dD)?|Variable)'$/;

const { stderr } = await new Deno.Command(Deno.execPath(), {
  args: ["doc", "--lint", "mod.ts"],
  env: { NO_COLOR: "1" },
})
  .output();
const findings = new TextDecoder().decode(stderr).split(/\n(?=error)/).filter((part) => part.startsWith("error["));
const ours = findings.filter((finding) => !foreign.test(finding.split("\n")[0]));
for (const finding of ours) console.error(finding);
console.log(`${ours.length} findings, ${findings.length - ours.length} types of tensorflow.js left out`);
if (ours.length > 0) Deno.exit(1);
