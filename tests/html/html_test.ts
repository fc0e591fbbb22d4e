import fc from "fast-check";
import { assert, assertEquals, assertThrows } from "../support/mod.ts";
import { escapeHtml, scriptJson, scriptSource } from "../../lib/html/html.ts";

Deno.test("escapeHtml() leaves no sign of markup", () => {
  assertEquals(escapeHtml(`<a href='x' title="&">`), "&lt;a href=&#39;x&#39; title=&quot;&amp;&quot;&gt;");
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => !/[<>"']/.test(escapeHtml(text))));
});

Deno.test("scriptJson() means the same and cannot end its element", () => {
  fc.assert(fc.property(fc.jsonValue(), fc.constantFrom("</script>", "<!--", "\u2028\u2029"), (value, text) => {
    const json = scriptJson([value, text]);
    assertEquals(JSON.stringify(JSON.parse(json)), JSON.stringify([value, text]));
    return !/[<\u2028\u2029]/.test(json);
  }));
  assertThrows(() => scriptJson(undefined), TypeError, "undefined");
});

Deno.test("scriptSource() keeps what a program does and cannot end its element", () => {
  const source = scriptSource(`["</script>", "</SCRIPT", "<script", "<!--", 1 < 2, /<\\/script/.test("</script")]`);
  assert(!/<\/?script|<!--/i.test(source));
  assertEquals(Function(`return ${source}`)(), ["</script>", "</SCRIPT", "<script", "<!--", true, true]);
});
