// title: Missing connections
// group: connections
// question: Which connections does one category not take, although others do?
// param: study     study        study to read
// param: category  category     category that must not take them
// param: versus    category?    this category takes them; without it, any other does
// param: layer     layer?       connections that leave this layer only
// param: limit     int = 50     most rows to return
// returns: source          region  id of the region it leaves
// returns: target          region  id of the region it reaches, one layer later
// returns: layer           layer   index of the layer it leaves
// returns: others_share    float   mean share of the other categories; with versus, its share
// returns: expected        float   documents of the category that would take it if it had that share
// returns: takers          int     other categories that take it; with versus, 1
// returns: weight          int     documents of those categories that take it
// returns: source_keywords list    words of the region it leaves, most characteristic first
// returns: target_keywords list    words of the region it reaches, most characteristic first
// view: graph
//
// Other categories that do not take a connection either count with a share of 0. The largest shares come first; values
// within 1e-9 count as equal. Where few documents are expected, finding none is easily due to chance.
// A study of components has no rows: its regions hold no documents (see components).
// Only a study that is ready is read: (:Study {llm_mri: true, id: $study, status: 'ready'}).

MATCH (study:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(l:Layer)<-[:IN_LAYER]-(s:Region)
WHERE study.atlas <> 'components' AND ($layer IS NULL OR l.index = $layer)
CALL (s) {
  MATCH (s)-[e:FLOWS_TO]->(t:Region)
  WHERE $versus IS NULL OR e.category = $category OR e.category = $versus
  WITH t, max(CASE WHEN e.category = $category THEN 1 ELSE 0 END) AS own, count(e) AS takers,
       sum(e.weight) AS weight, sum(e.share) AS total
  WHERE own = 0
  RETURN t, takers, weight, total
}
WITH study, s, t, takers, weight, total / CASE WHEN $versus IS NULL THEN study.categories - 1 ELSE 1 END AS others_share
ORDER BY round(others_share * 1e9) DESC, s.layer, s.id, t.id LIMIT $limit
MATCH (study)<-[:PART_OF]-(c:Category {name: $category})
RETURN s.id AS source, t.id AS target, s.layer AS layer, others_share, others_share * coalesce(c.tokens, c.documents) AS expected, takers,
       weight, s.keywords AS source_keywords, t.keywords AS target_keywords
ORDER BY round(others_share * 1e9) DESC, layer, source, target
