// A lint rule: no text becomes a number in a way that rounds, or that accepts what is none. Number("") is 0, Number(" 1 ")
// is 1, Number("18446744073709551615") is another number, and parseInt stops at the first thing that it does not know.
// Bigints and booleans may be converted.
import ts from "typescript";

const parsers = new Set(["parseInt", "parseFloat"]);
const textual = ts.TypeFlags.StringLike | ts.TypeFlags.Any | ts.TypeFlags.Unknown | ts.TypeFlags.ESSymbolLike;

export const exactNumbers = {
  meta: {
    type: "problem",
    schema: [],
    messages: {
      parser: "{{name}} accepts trailing junk and rounds: read the digits exactly",
      conversion: "a text becomes a number here: '' would be 0, and beyond 2^53 it is rounded",
    },
  },
  create(context) {
    const { getTypeAtLocation } = context.sourceCode.parserServices;
    const mayBeText = (node) => parts(getTypeAtLocation(node)).some((type) => (type.flags & textual) !== 0);
    return {
      CallExpression(node) {
        const name = calledName(node.callee);
        if (parsers.has(name)) context.report({ node, messageId: "parser", data: { name } });
        const [argument] = node.arguments;
        if (name === "Number" && argument !== undefined && mayBeText(argument))
          context.report({ node, messageId: "conversion" });
      },
      UnaryExpression(node) {
        if (node.operator === "+" && mayBeText(node.argument)) context.report({ node, messageId: "conversion" });
      },
    };
  },
};

/** `parseInt` of both `parseInt(…)` and `Number.parseInt(…)`. */
function calledName(callee) {
  if (callee.type === "Identifier") return callee.name;
  const ofNumber = callee.type === "MemberExpression" && callee.object.name === "Number";
  return ofNumber ? callee.property.name : undefined;
}

function parts(type) {
  return type.isUnion() ? type.types.flatMap(parts) : [type];
}
