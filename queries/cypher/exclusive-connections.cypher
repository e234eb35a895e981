// title: Exclusive connections
// group: connections
// question: Which connections does one category take and no other?
// param: study     study        study to read
// param: category  category     category that takes them
// param: versus    category?    this category must not take them; without it, no other may
// param: layer     layer?       connections that leave this layer only
// param: limit     int = 50     most rows to return
// returns: source          region  id of the region it leaves
// returns: target          region  id of the region it reaches, one layer later
// returns: layer           layer   index of the layer it leaves
// returns: weight          int     documents of the category that take it
// returns: share           float   weight / documents of the category
// returns: source_keywords list    words of the region it leaves, most characteristic first
// returns: target_keywords list    words of the region it reaches, most characteristic first
// view: graph
//
// A connection of one or two documents is easily exclusive by chance: read the first rows, those with most documents.
// A study of components has no rows: its regions hold no documents (see components).
// Only a study that is ready is read: (:Study {llm_mri: true, id: $study, status: 'ready'}).

MATCH (study:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(l:Layer)<-[:IN_LAYER]-(s:Region)-[e:FLOWS_TO]->(t:Region)
WHERE study.atlas <> 'components' AND ($layer IS NULL OR l.index = $layer)
  AND (e.category = $category OR $versus IS NULL OR e.category = $versus)
WITH s, t, count(e) AS takers, max(e.category) AS taker, max(e.weight) AS weight, max(e.share) AS share
WHERE takers = 1 AND taker = $category
RETURN s.id AS source, t.id AS target, s.layer AS layer, weight, share, s.keywords AS source_keywords,
       t.keywords AS target_keywords
ORDER BY weight DESC, layer, source, target LIMIT $limit
