/** The project's own lint rules; `deno.json` names this file among the plugins of `deno lint`. */
const rules: Deno.lint.Plugin = {
  name: "amid",
  rules: {
    // A literal spread into a literal only makes the formatter break lines elsewhere.
    "no-literal-spread": {
      create(context) {
        const message = "A literal is spread into a literal of the same kind: write its elements inline";
        const unwrapped = (node: Deno.lint.Expression) => node.type === "TSAsExpression" ? node.expression : node;
        return {
          "ObjectExpression > SpreadElement"(node) {
            if (unwrapped(node.argument).type === "ObjectExpression") context.report({ node, message });
          },
          "ArrayExpression > SpreadElement"(node) {
            if (unwrapped(node.argument).type === "ArrayExpression") context.report({ node, message });
          },
          "CallExpression > SpreadElement"(node) {
            if (unwrapped(node.argument).type === "ArrayExpression") context.report({ node, message });
          },
        };
      },
    },
  },
};

export default rules;
