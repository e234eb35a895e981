// Prints what a program that others use reads in a file: nodes by id, and relationships, with their attributes.
import {readFileSync} from 'node:fs';
import cytoscape from 'cytoscape';
import {MultiDirectedGraph} from 'graphology';
import gexf from 'graphology-gexf';
import graphml from 'graphology-graphml';

const PARSERS = {gexf, graphml};

function byGraphology(parser, text) {
  const graph = parser.parse(MultiDirectedGraph, text);
  return {
    nodes: Object.fromEntries(graph.mapNodes((id, attributes) => [id, attributes])),
    edges: graph.mapEdges((id, attributes, source, target) => [id, source, target, attributes]),
    directed: graph.type === 'directed',
  };
}

function byCytoscape(text) {
  const {nodes, edges} = JSON.parse(text);
  const elements = {nodes: nodes.map((data) => ({data})), edges: edges.map((data) => ({data}))};
  const graph = cytoscape({headless: true, elements});
  return {
    nodes: Object.fromEntries(graph.nodes().map((node) => [node.id(), node.data()])),
    edges: graph.edges().map((edge) => [edge.id(), edge.source().id(), edge.target().id(), edge.data()]),
    directed: true,
  };
}

const [file] = process.argv.slice(2);
const parser = PARSERS[file.split('.').pop()];
const text = readFileSync(file, 'utf-8');
process.stdout.write(JSON.stringify(parser ? byGraphology(parser, text) : byCytoscape(text)));
