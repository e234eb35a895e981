// title: Two categories compared
// group: connections
// question: Which connections does one category take more, or less, than another?
// param: study     study        study to read
// param: category  category     category to look at
// param: versus    category     category to compare it with
// param: layer     layer?       connections that leave this layer only
// param: limit     int = 50     most rows to return
// returns: source          region  id of the region it leaves
// returns: target          region  id of the region it reaches, one layer later
// returns: layer           layer   index of the layer it leaves
// returns: difference      float   share − versus_share: positive where the category takes it more
// returns: share           float   share of the category's documents that take it
// returns: versus_share    float   share of the other category's documents that take it
// returns: weight          int     documents of the category that take it
// returns: versus_weight   int     documents of the other category that take it
// returns: source_keywords list    words of the region it leaves, most characteristic first
// returns: target_keywords list    words of the region it reaches, most characteristic first
// view: graph
//
// A category that does not take a connection has a share of 0. The largest absolute differences come first; values within
// 1e-9 count as equal. A difference is descriptive, not a test.
// A study of components has no rows: its regions hold no documents (see components).
// Only a study that is ready is read: (:Study {llm_mri: true, id: $study, status: 'ready'}).

MATCH (study:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(l:Layer)<-[:IN_LAYER]-(s:Region)
WHERE study.atlas <> 'components' AND ($layer IS NULL OR l.index = $layer)
CALL (s) {
  MATCH (s)-[e:FLOWS_TO]->(t:Region)
  WHERE e.category IN [$category, $versus]
  RETURN t,
         sum(CASE WHEN e.category = $category THEN e.share ELSE 0.0 END) AS share,
         sum(CASE WHEN e.category = $versus THEN e.share ELSE 0.0 END) AS versus_share,
         sum(CASE WHEN e.category = $category THEN e.weight ELSE 0 END) AS weight,
         sum(CASE WHEN e.category = $versus THEN e.weight ELSE 0 END) AS versus_weight
}
WITH s, t, share - versus_share AS difference, share, versus_share, weight, versus_weight
ORDER BY round(abs(difference) * 1e9) DESC, s.layer, s.id, t.id LIMIT $limit
RETURN s.id AS source, t.id AS target, s.layer AS layer, difference, share, versus_share,
       weight, versus_weight, s.keywords AS source_keywords, t.keywords AS target_keywords
ORDER BY round(abs(difference) * 1e9) DESC, layer, source, target
