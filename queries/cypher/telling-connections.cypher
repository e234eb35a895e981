// title: Telling connections
// group: connections
// question: In which connections do the categories differ most?
// param: study        study        study to read
// param: category     category?    order by how far this category is from the mean of the others
// param: first_layer  layer?       connections that leave this layer or a later one
// param: last_layer   layer?       connections that reach this layer or an earlier one
// param: region       region?      connections that leave or reach this region only
// param: diagonal     bool = true  keep connections between regions of the same name (a document that stays)
// param: limit        int = 150    most rows to return
// returns: source          region    id of the region it leaves
// returns: target          region    id of the region it reaches, one layer later
// returns: layer           layer     index of the layer it leaves
// returns: documents       int       documents of all categories that take it
// returns: spread          float     largest − smallest share of a category, from 0 to 1
// returns: most            category  category with the largest share
// returns: most_share      float     share of that category's documents that take it
// returns: least           category  category with the smallest share
// returns: least_share     float     share of that category's documents that take it
// returns: difference      float?    share of the asked category − mean of the other categories' shares
// returns: source_keywords list      words of the region it leaves, most telling first
// returns: target_keywords list      words of the region it reaches, most telling first
// view: graph
//
// A category that does not take a connection has a share of 0 in it. A spread is what was counted, not a test of
// whether it is more than chance. Values within 1e-9 count as equal in the order.
// A study of components has no rows: its regions hold no documents (see components).
// Only a study that is ready is read: (:Study {id: $study, status: 'ready'}).

MATCH (study:Study {id: $study, status: 'ready'})<-[:PART_OF]-(l:Layer)<-[:IN_LAYER]-(s:Region)
WHERE study.atlas <> 'components'
  AND ($first_layer IS NULL OR l.index >= $first_layer) AND ($last_layer IS NULL OR l.index < $last_layer)
CALL (s) {
  MATCH (s)-[e:FLOWS_TO]->(t:Region)
  WHERE ($region IS NULL OR s.id = $region OR t.id = $region) AND ($diagonal OR s.name <> t.name)
  RETURN t, sum(e.weight) AS documents, count(e) AS takers, max(e.share) AS most_share,
         min(e.share) AS smallest, sum(e.share) AS total,
         sum(CASE WHEN e.category = $category THEN e.share ELSE 0.0 END) AS asked
}
WITH study, s, t, documents, most_share,
     CASE WHEN takers < study.categories THEN 0.0 ELSE smallest END AS least_share,
     CASE WHEN $category IS NOT NULL THEN asked - (total - asked) / (study.categories - 1) END AS difference
WITH study, s, t, documents, most_share, least_share, most_share - least_share AS spread, difference
ORDER BY round(abs(coalesce(difference, spread)) * 1e9) DESC, s.layer, s.id, t.id LIMIT $limit
MATCH (study)<-[:PART_OF]-(c:Category)
OPTIONAL MATCH (s)-[e:FLOWS_TO {category: c.name}]->(t)
WITH s, t, documents, most_share, least_share, spread, difference, c.name AS category, coalesce(e.share, 0.0) AS share
ORDER BY category
WITH s, t, documents, most_share, least_share, spread, difference, collect({name: category, share: share}) AS shares
RETURN s.id AS source, t.id AS target, s.layer AS layer, documents, spread,
       [c IN shares WHERE c.share = most_share | c.name][0] AS most, most_share,
       [c IN shares WHERE c.share = least_share | c.name][0] AS least, least_share, difference,
       s.keywords AS source_keywords, t.keywords AS target_keywords
ORDER BY round(abs(coalesce(difference, spread)) * 1e9) DESC, layer, source, target
