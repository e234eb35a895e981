// title: Routes of two categories and not of a third
// group: routes
// question: Where do two categories share a route for several layers, and a third does not?
// param: study     study        study to read
// param: category  category     category that takes these connections
// param: versus    category     category that takes them too
// param: without   category?    category that takes none of them; without it, no category is excluded
// param: least     int = 2      fewest consecutive connections of a run
// param: limit     int = 100    most rows to return
// returns: source          region  id of the region it leaves
// returns: target          region  id of the region it reaches, one layer later
// returns: layer           layer   index of the layer it leaves
// returns: run             int     length of the longest run that it is part of, in connections
// returns: share           float   share of the category's documents that take it
// returns: versus_share    float   share of the other category's documents that take it
// returns: weight          int     documents of the category that take it
// returns: versus_weight   int     documents of the other category that take it
// returns: source_keywords list    words of the region it leaves, most characteristic first
// returns: target_keywords list    words of the region it reaches, most characteristic first
// view: graph
//
// A run is a chain of connections, each of which both categories take and the third does not; one document need not
// follow the whole of it. The longest runs come first, then the connections whose smaller share is largest (values within
// 1e-9 count as equal). A connection may be missing in a small category by chance.
// A study of components has no rows: its regions hold no documents (see components).
// Only a study that is ready is read: (:Study {llm_mri: true, id: $study, status: 'ready'}).

// i and j are places among a layer's regions in the order of their ids, so that a step looks up in a list, not by id
MATCH (study:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(l:Layer)<-[:IN_LAYER]-(r:Region)
WHERE study.atlas <> 'components'
WITH l, r
ORDER BY r.id
WITH l, collect(r) AS regions
UNWIND range(0, size(regions) - 1) AS i
WITH i, regions[i] AS s
CALL (i, s) {
  MATCH (s)-[e:FLOWS_TO]->(t:Region)
  WHERE e.category = $category OR e.category = $versus OR e.category = $without
  WITH i, t, sum(CASE WHEN e.category = $category THEN e.share ELSE 0.0 END) AS share,
       sum(CASE WHEN e.category = $versus THEN e.share ELSE 0.0 END) AS versus_share,
       sum(CASE WHEN e.category = $category THEN e.weight ELSE 0 END) AS weight,
       sum(CASE WHEN e.category = $versus THEN e.weight ELSE 0 END) AS versus_weight,
       sum(CASE WHEN e.category = $without THEN 1 ELSE 0 END) AS others
  WHERE weight > 0 AND versus_weight > 0 AND others = 0
  RETURN collect({region: t, i: i, share: share, versus_share: versus_share, weight: weight,
         versus_weight: versus_weight}) AS steps
}
WITH s, steps
UNWIND [{region: s}] + steps AS step
WITH step.region AS r, collect(CASE WHEN step.i IS NOT NULL THEN step END) AS steps
ORDER BY r.id
WITH r.layer AS layer, collect({region: r, steps: steps}) AS regions
UNWIND range(0, size(regions) - 1) AS j
WITH layer, j, regions[j] AS r
UNWIND [{layer: layer, place: j, region: r}] + [step IN r.steps | {layer: layer - 1, place: step.i, target: j}] AS end
WITH end.layer AS layer, end.place AS place, collect(end.region) AS region, collect(end.target) AS targets
ORDER BY place
WITH layer, collect({region: region[0].region, steps: region[0].steps, targets: targets}) AS regions
ORDER BY layer
WITH collect(regions) AS layers
WITH layers,
     reduce(runs = [], regions IN layers | runs + [[r IN regions | reduce(n = 0, step IN r.steps |
       CASE WHEN runs[-1][step.i] < n THEN n ELSE runs[-1][step.i] + 1 END)]]) AS runs_to,
     reduce(runs = [], regions IN reverse(layers) | [[r IN regions | reduce(n = 0, j IN r.targets |
       CASE WHEN runs[0][j] < n THEN n ELSE runs[0][j] + 1 END)]] + runs) AS runs_from
UNWIND range(1, size(layers) - 1) AS layer
UNWIND range(0, size(layers[layer]) - 1) AS j
UNWIND layers[layer][j].steps AS step
WITH layers[layer - 1][step.i].region AS s, step, runs_to[layer - 1][step.i] + 1 + runs_from[layer][j] AS run
WHERE run >= $least
// grouped so that no row drags the lists along, which Neo4j would count against its memory row by row
WITH s, step.region AS t, max(run) AS run, sum(step.share) AS share, sum(step.versus_share) AS versus_share,
     sum(step.weight) AS weight, sum(step.versus_weight) AS versus_weight
RETURN s.id AS source, t.id AS target, s.layer AS layer, run, share, versus_share, weight, versus_weight,
       s.keywords AS source_keywords, t.keywords AS target_keywords
ORDER BY run DESC, round(CASE WHEN share < versus_share THEN share ELSE versus_share END * 1e9) DESC, layer, source,
         target LIMIT $limit
