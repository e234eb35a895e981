// title: Shared connections
// group: connections
// question: Which connections do all categories take, the common trunk first?
// param: study     study        study to read
// param: layer     layer?       connections that leave this layer only
// param: limit     int = 50     most rows to return
// returns: source          region    id of the region it leaves
// returns: target          region    id of the region it reaches, one layer later
// returns: layer           layer     index of the layer it leaves
// returns: least_share     float     smallest share of a category: at least this share of every category takes it
// returns: least           category  category with that share
// returns: mean_share      float     mean of all categories' shares
// of-documents: documents       int       documents of all categories that take it
// of-tokens: tokens       int       tokens of all categories that take it
// returns: source_keywords list      words of the region it leaves, most characteristic first
// returns: target_keywords list      words of the region it reaches, most characteristic first
// view: graph
//
// The largest minimum shares come first, then the largest means; values within 1e-9 count as equal. With few regions in a
// layer every connection there is shared: compare connections of the same layer.
// A study of components has no rows: its regions hold no documents (see components).
// Only a study that is ready is read: (:Study {llm_mri: true, id: $study, status: 'ready'}).

MATCH (study:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(l:Layer)<-[:IN_LAYER]-(s:Region)
WHERE study.atlas <> 'components' AND ($layer IS NULL OR l.index = $layer)
CALL (study, s) {
  MATCH (s)-[e:FLOWS_TO]->(t:Region)
  WITH study, t, count(e) AS takers, min(e.share) AS least_share, sum(e.share) AS total, sum(e.weight) AS documents
  WHERE takers = study.categories
  RETURN t, takers, least_share, total, documents
}
WITH s, t, least_share, total / takers AS mean_share, documents
ORDER BY round(least_share * 1e9) DESC, round(mean_share * 1e9) DESC, s.layer, s.id, t.id LIMIT $limit
MATCH (s)-[e:FLOWS_TO]->(t)
WHERE e.share = least_share
WITH s, t, least_share, mean_share, documents, min(e.category) AS least
RETURN s.id AS source, t.id AS target, s.layer AS layer, least_share, least, mean_share, documents, documents AS tokens,
       s.keywords AS source_keywords, t.keywords AS target_keywords
ORDER BY round(least_share * 1e9) DESC, round(mean_share * 1e9) DESC, layer, source, target
