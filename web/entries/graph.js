import Graph from "graphology";
import Sigma from "sigma";

globalThis.graph = { Graph, Sigma };
