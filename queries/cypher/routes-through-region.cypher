// title: Strongest routes through a region
// group: routes
// question: Which are the most probable routes of a category, first layer to last, through a region?
// param: study     study        study to read
// param: region    region       region that the routes go through
// param: category  category     category whose documents are followed
// param: routes    int = 3      most routes to return
// returns: route       int      number of the route, the strongest is 1
// returns: layer       layer    index of the layer
// returns: region      region   id of the region that the route passes there
// returns: keywords    list     words of the region, most characteristic first
// returns: weight      int      documents of the category that take this step; in the first layer, that begin there
// returns: share       float    weight / documents of the category
// returns: chance      float    probability of the step: weight / documents of the category in the region before; in the first layer, the share
// returns: probability float    product of the probabilities of all steps of the route
// view: path
//
// The most probable paths of a first-order Markov chain (Viterbi 1967; the k best, Seshadri and Sundberg 1994). Each
// step is counted over all documents of the category in the region before, so the documents that take one step need not be
// those that take the next, and few may follow the whole route. A region that no document of the category passes has no
// routes. The search keeps the best routes to each region, one layer at a time; ties are broken by the ids of their
// regions, the last first.
// A study of components has no rows: its regions hold no documents (see components).
// Only a study that is ready is read: (:Study {llm_mri: true, id: $study, status: 'ready'}).

// i is a place among a layer's regions in the order of their ids, so that a step looks up in a list, not by id
MATCH (study:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(c:Category {name: $category})
MATCH (study)<-[:PART_OF]-(through:Layer)<-[:IN_LAYER]-(:Region {llm_mri: true, id: $region})
WHERE $routes > 0
CALL (study, c, through) {
  MATCH (study)<-[:PART_OF]-(:Layer {index: 0})<-[:IN_LAYER]-(r:Region)-[a:ACTIVATED_BY]->(c)
  WITH through, r, a
  ORDER BY r.id
  RETURN collect(CASE WHEN through.index > 0 OR r.id = $region THEN [{score: log(a.share), way: [r.id]}] ELSE [] END)
         AS starts
}
CALL (study, c, through) {
  MATCH (study)<-[:PART_OF]-(l:Layer)<-[:IN_LAYER]-(r:Region)-[a:ACTIVATED_BY]->(c)
  WITH through, l, r, a
  ORDER BY r.id
  WITH through, l, collect({region: r, documents: coalesce(a.tokens, a.documents)}) AS regions
  UNWIND range(0, size(regions) - 1) AS i
  WITH through, l, i, regions[i].region AS s, regions[i].documents AS leaving
  MATCH (s)-[e:FLOWS_TO {category: $category}]->(t:Region)
  WITH through, l, i, t, log(toFloat(e.weight) / leaving) AS gain
  ORDER BY i
  WITH through, l, t, collect({i: i, gain: gain}) AS steps
  ORDER BY t.id
  WITH l, collect({region: t.id, steps: CASE WHEN t.layer <> through.index OR t.id = $region THEN steps ELSE [] END})
       AS targets
  ORDER BY l.index
  RETURN collect(targets) AS hops
}
WITH c, starts, hops + [[{steps: [i IN range(0, size(coalesce(hops[-1], starts)) - 1) | {i: i, gain: 0.0}]}]] AS hops
WITH c, reduce(best = starts, targets IN hops |
  [target IN targets | reduce(top = [], step IN target.steps | reduce(top = top, b IN best[step.i] |
    CASE WHEN b.score + step.gain <= top[$routes - 1].score + 1e-9 THEN top
    ELSE ([t IN top WHERE t.score >= b.score + step.gain - 1e-9]
      + [{score: b.score + step.gain, way: b.way + [target.region]}]
      + [t IN top WHERE t.score < b.score + step.gain - 1e-9])[..$routes] END))])[0] AS ways
UNWIND range(0, size(ways) - 1) AS k
UNWIND range(0, size(ways[k].way) - 2) AS i
WITH c, k + 1 AS route, exp(ways[k].score) AS probability, ways[k].way AS way, i
MATCH (r:Region {llm_mri: true, id: way[i]})-[a:ACTIVATED_BY]->(c)
MATCH (s:Region {llm_mri: true, id: way[CASE WHEN i = 0 THEN 0 ELSE i - 1 END]})-[b:ACTIVATED_BY]->(c)
OPTIONAL MATCH (s)-[e:FLOWS_TO {category: $category}]->(r)
WITH c, route, probability, r, coalesce(e.weight, a.tokens, a.documents) AS weight,
     CASE WHEN e IS NULL THEN coalesce(c.tokens, c.documents) ELSE coalesce(b.tokens, b.documents) END AS leaving
RETURN route, r.layer AS layer, r.id AS region, r.keywords AS keywords, weight, toFloat(weight) / coalesce(c.tokens, c.documents) AS share,
       toFloat(weight) / leaving AS chance, probability
ORDER BY route, layer
