// Vega with the interpreter of its expressions: the pages' policy allows no code made from text.
import { parse, View, Warn } from "vega";
import { compile } from "vega-lite";
import { expressionInterpreter } from "vega-interpreter";

globalThis.charts = { compile, expressionInterpreter, parse, View, Warn };
