// title: Strongest route of a category
// group: routes
// question: By which route, layer by layer, do the documents of a category most probably go?
// param: study     study        study to read
// param: category  category     category whose documents go
// returns: layer     layer      index of the layer
// returns: region    region     id of the region that the route passes there
// returns: keywords  list       words of the region, most telling first
// returns: weight    int        documents of the category that take this step; in the first layer, that begin there
// returns: share     float      weight / documents of the category
// returns: chance    float      weight / documents of the category in the region before; in the first layer, the share
// view: path
//
// The most probable path of a first-order Markov chain (Viterbi 1967): of all routes it has the largest product of
// chances. Each step is counted over all documents of the category in the region before, so the documents that
// take one step need not be those that take the next, and few may go the whole route.
// The best route to each region is kept, one layer at a time; of equal routes the
// ids of their regions choose, so that it is always the same one.
// Only a study that is ready is read: (:Study {id: $study, status: 'ready'}).

MATCH (study:Study {id: $study, status: 'ready'})<-[:PART_OF]-(c:Category {name: $category})
MATCH (study)<-[:PART_OF]-(:Layer {index: 0})<-[:IN_LAYER]-(r:Region)-[a:ACTIVATED_BY]->(c)
WITH study, c, r, a
ORDER BY r.id
WITH study, c, collect({region: r.id, score: log(a.share),
     route: [{id: r.id, weight: a.documents, chance: a.share}]}) AS starts
MATCH (study)<-[:PART_OF]-(l:Layer)<-[:IN_LAYER]-(s:Region)-[e:FLOWS_TO {category: $category}]->(t:Region)
MATCH (s)-[a:ACTIVATED_BY]->(c)
WITH c, starts, l, t, s, e, toFloat(e.weight) / a.documents AS chance
ORDER BY s.id
WITH c, starts, l, t, collect({source: s.id, weight: e.weight, chance: chance}) AS steps
ORDER BY l.index, t.id
WITH c, starts, l, collect({region: t.id, steps: steps}) AS targets
ORDER BY l.index
WITH c, starts, collect(targets) AS hops
WITH c, reduce(best = starts, targets IN hops |
  [target IN targets | reduce(top = null, way IN
    [step IN target.steps | [b IN best WHERE b.region = step.source |
      {region: target.region, score: b.score + log(step.chance),
       route: b.route + [{id: target.region, weight: step.weight, chance: step.chance}]}][0]] |
    CASE WHEN top IS NULL OR way.score > top.score + 1e-9 THEN way ELSE top END)]) AS ends
UNWIND ends AS end
WITH c, end
ORDER BY round(end.score * 1e9) DESC, end.region LIMIT 1
UNWIND end.route AS step
MATCH (r:Region {id: step.id})
RETURN r.layer AS layer, r.id AS region, r.keywords AS keywords, step.weight AS weight,
       toFloat(step.weight) / c.documents AS share, step.chance AS chance
ORDER BY layer
