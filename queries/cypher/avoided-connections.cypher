// title: Avoided connections
// group: connections
// question: Which connections that others take does a category never take, significantly less than expected?
// param: study     study       study to read
// param: category  category?   what this category avoids only
// param: layer     layer?      connections that leave this layer only
// param: limit     int = 50    most rows to return
// returns: source           region    id of the region it leaves
// returns: target           region    id of the region it reaches, one layer later
// returns: layer            layer     index of the layer it leaves
// returns: category         category  that never takes it
// returns: others           int       documents of the other categories that take it
// returns: q                float     q value of the connection: p value adjusted for the number of tests
// returns: stability        float?    share of bootstrap refits of the atlas in which it is found again
// returns: source_keywords  list      words of the region it leaves, most characteristic first
// returns: target_keywords  list      words of the region it reaches, most characteristic first
// view: graph
//
// Those that most documents of other categories take come first. The question missing-connections lists every connection
// that a category does not take, tested or not.
// Only a study that is ready is read: (:Study {llm_mri: true, id: $study, status: 'ready'}).

MATCH (:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(l:Layer)<-[:IN_LAYER]-(s:Region)-[e:AVOIDS]->(t:Region)
WHERE e.share IS NOT NULL AND ($layer IS NULL OR l.index = $layer) AND ($category IS NULL OR e.category = $category)
OPTIONAL MATCH (s)-[taken:FLOWS_TO]->(t)
RETURN s.id AS source, t.id AS target, s.layer AS layer, e.category AS category, sum(coalesce(taken.weight, 0)) AS others,
       e.q AS q, e.stability AS stability, s.keywords AS source_keywords, t.keywords AS target_keywords
ORDER BY others DESC, layer, source, target, category LIMIT $limit
