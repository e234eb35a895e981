// title: Bottlenecks of a category
// group: connections
// question: Which regions must a category's routes pass, so that removing them would cut the routes?
// param: study     study        study to read
// param: category  category     category whose routes are counted
// param: layer     layer?       regions of this layer only
// param: limit     int = 20     most rows to return
// returns: region       region  id of the region
// returns: layer        layer   index of its layer
// returns: keywords     list    words over-represented in its documents, most characteristic first
// returns: routes_share float   fraction of the category's routes, first layer to last, that go through the region
// returns: share        float   share of the category's documents that pass it
// returns: documents    int     documents of the category that pass it
// of-tokens: tokens       int     tokens of the category that pass it
// returns: others       int     other regions of its layer that the category uses
//
// A route is any chain of connections from the first layer to the last, each of which at least one document of the
// category takes: every path in the category's graph, whether or not one document follows the whole of it. The number of
// routes through a region is the number of paths to it times the number of paths from it (stress centrality, Shimbel 1953,
// here as a fraction of all routes). Removing the region removes these routes and cuts off its share of the documents. A
// region without others in its layer is an articulation point: no route is left without it, and both shares are 1.
// A study of components has no rows: its regions hold no documents (see components).
// Only a study that is ready is read: (:Study {llm_mri: true, id: $study, status: 'ready'}).

// i and j are places among a layer's regions in the order of their ids, so that a step looks up in a list, not by id
MATCH (study:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(c:Category {name: $category})
MATCH (study)<-[:PART_OF]-(l:Layer)<-[:IN_LAYER]-(r:Region)-[a:ACTIVATED_BY]->(c)
WITH l, r, a
ORDER BY r.id
WITH l, collect({region: r, share: a.share, documents: a.documents, tokens: a.tokens}) AS regions
UNWIND range(0, size(regions) - 1) AS i
WITH i, regions[i] AS start, regions[i].region AS s
CALL (i, s) {
  MATCH (s)-[:FLOWS_TO {category: $category}]->(t:Region)
  RETURN collect({region: t, source: i}) AS steps
}
WITH start, steps
UNWIND [start] + steps AS step
WITH step.region AS r, collect(step.share) AS share, collect(step.documents) AS documents,
     collect(step.tokens) AS tokens, collect(step.source) AS sources
ORDER BY r.id
WITH r.layer AS layer,
     collect({region: r, share: share[0], documents: documents[0], tokens: tokens[0], sources: sources}) AS regions
UNWIND range(0, size(regions) - 1) AS j
WITH layer, j, regions[j] AS r
UNWIND [{layer: layer, place: j, here: r}] + [i IN r.sources | {layer: layer - 1, place: i, target: j}] AS end
WITH end.layer AS layer, end.place AS place, collect(end.here) AS here, collect(end.target) AS targets
ORDER BY place
WITH layer, collect({here: here[0], targets: targets}) AS regions
ORDER BY layer
WITH collect(regions) AS layers
WITH layers,
     reduce(ways = [], regions IN layers | ways + [
       [scale IN [reduce(n = 1.0, way IN ways[-1] | n + way)] | [r IN regions |
         CASE r.here.sources WHEN [] THEN 1.0
         ELSE reduce(n = 0.0, i IN r.here.sources | n + ways[-1][i]) / scale END]][0]]) AS ways_to,
     reduce(ways = [], regions IN reverse(layers) | [
       [scale IN [reduce(n = 1.0, way IN ways[0] | n + way)] | [r IN regions |
         CASE r.targets WHEN [] THEN 1.0
         ELSE reduce(n = 0.0, j IN r.targets | n + ways[0][j]) / scale END]][0]] + ways) AS ways_from
UNWIND range(0, size(layers) - 1) AS layer
WITH layer, layers[layer] AS regions,
     [i IN range(0, size(layers[layer]) - 1) | ways_to[layer][i] * ways_from[layer][i]] AS routes
WHERE $layer IS NULL OR layer = $layer
WITH layer, regions, routes, reduce(n = 0.0, way IN routes | n + way) AS total
UNWIND range(0, size(regions) - 1) AS i
WITH layer, size(regions) - 1 AS others, regions[i].here AS r, routes[i] / total AS part
// grouped so that no row drags the lists along, which Neo4j would count against its memory row by row
WITH layer, others, r.region AS r, max(part) AS routes_share, max(r.share) AS share, max(r.documents) AS documents,
     max(r.tokens) AS tokens
RETURN r.id AS region, layer, r.keywords AS keywords, routes_share, share, documents, tokens, others
ORDER BY round(routes_share * 1e9) DESC, round(share * 1e9) DESC, layer, region LIMIT $limit
