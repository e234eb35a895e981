// title: Strongest route of a category
// group: routes
// question: Which is the most probable route of a category's documents, layer by layer?
// param: study     study        study to read
// param: category  category     category whose documents are followed
// returns: layer     layer      index of the layer
// returns: region    region     id of the region that the route passes there
// returns: keywords  list       words of the region, most characteristic first
// returns: weight    int        documents of the category that take this step; in the first layer, that begin there
// returns: share     float      weight / documents of the category
// returns: chance    float      probability of the step: weight / documents of the category in the region before; in the first layer, the share
// view: path
//
// The most probable path of a first-order Markov chain (Viterbi 1967): of all routes it has the largest product of
// step probabilities. Each step is counted over all documents of the category in the region before, so the documents that
// take one step need not be those that take the next, and few may follow the whole route. The search keeps the best route
// to each region, one layer at a time; ties are broken by the ids of the regions, so the answer is always the same.
// A study of components has no rows: its regions hold no documents (see components).
// Only a study that is ready is read: (:Study {llm_mri: true, id: $study, status: 'ready'}).

// i is a place among a layer's regions in the order of their ids, so that a step looks up in a list, not by id
MATCH (study:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(c:Category {name: $category})
CALL (study, c) {
  MATCH (study)<-[:PART_OF]-(:Layer {index: 0})<-[:IN_LAYER]-(r:Region)-[a:ACTIVATED_BY]->(c)
  WITH r, a
  ORDER BY r.id
  RETURN collect({score: log(a.share), way: [r.id]}) AS starts
}
CALL (study, c) {
  MATCH (study)<-[:PART_OF]-(l:Layer)<-[:IN_LAYER]-(r:Region)-[a:ACTIVATED_BY]->(c)
  WITH l, r, a
  ORDER BY r.id
  WITH l, collect({region: r, documents: coalesce(a.tokens, a.documents)}) AS regions
  UNWIND range(0, size(regions) - 1) AS i
  WITH l, i, regions[i].region AS s, regions[i].documents AS leaving
  MATCH (s)-[e:FLOWS_TO {category: $category}]->(t:Region)
  WITH l, i, t, log(toFloat(e.weight) / leaving) AS gain
  ORDER BY i
  WITH l, t, collect({i: i, gain: gain}) AS steps
  ORDER BY t.id
  WITH l, collect({region: t.id, steps: steps}) AS targets
  ORDER BY l.index
  RETURN collect(targets) AS hops
}
WITH c, reduce(best = starts, targets IN hops |
  [target IN targets | [top IN [reduce(top = null, step IN target.steps |
     CASE WHEN best[step.i].score + step.gain <= top.score + 1e-9 THEN top
     ELSE {score: best[step.i].score + step.gain, i: step.i} END)] |
    {score: top.score, way: best[top.i].way + [target.region]}][0]]) AS ends
WITH c, reduce(top = null, end IN ends | CASE WHEN end.score <= top.score + 1e-9 THEN top ELSE end END).way AS way
UNWIND range(0, size(coalesce(way, [])) - 1) AS i
MATCH (r:Region {llm_mri: true, id: way[i]})-[a:ACTIVATED_BY]->(c)
MATCH (s:Region {llm_mri: true, id: way[CASE WHEN i = 0 THEN 0 ELSE i - 1 END]})-[b:ACTIVATED_BY]->(c)
OPTIONAL MATCH (s)-[e:FLOWS_TO {category: $category}]->(r)
WITH c, r, coalesce(e.weight, a.tokens, a.documents) AS weight,
     CASE WHEN e IS NULL THEN coalesce(c.tokens, c.documents) ELSE coalesce(b.tokens, b.documents) END AS leaving
RETURN r.layer AS layer, r.id AS region, r.keywords AS keywords, weight, toFloat(weight) / coalesce(c.tokens, c.documents) AS share,
       toFloat(weight) / leaving AS chance
ORDER BY layer
