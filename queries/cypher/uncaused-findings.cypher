// title: Findings without an effect shown
// group: cause
// question: Which findings were tried by interventions, none of which shows an effect?
// only: documents is about interventions, which move documents from region to region
// param: study     study         study to read
// param: category  category?     findings about this category only
// param: layer     layer?        connections that leave this layer only
// param: most_q    float = 0.05  an intervention with a q value of at most this shows an effect
// param: limit     int = 50      most rows to return
// returns: source           region    id of the region it leaves
// returns: target           region    id of the region it reaches, one layer later
// returns: layer            layer     index of the layer it leaves
// returns: category         category  whose finding it is
// returns: finding          string    more or less than the others
// returns: effect           float?    log odds ratio against the others that it was compared with (see findings); between components, Fisher's z
// returns: ci_low           float?    lower end of its confidence interval; null where it has none
// returns: ci_high          float?    upper end of it; null where it has none
// returns: stability        float?    share of bootstrap refits of the atlas in which it is found again
// returns: tried            int       interventions that tried the connection
// returns: operations       list      what they did: add, erase, swap
// returns: least_q          float?    the smallest of their q values; null where none has one
// returns: source_keywords  list      words of the region it leaves
// returns: target_keywords  list      words of the region it reaches
// view: graph
//
// Stored by `mri intervene STUDY`. The findings that refits find again most often come first. Without an effect shown is
// not without an effect: with few texts or few controls no q can be small, and the direction that was changed may not be
// the one that matters. Findings that were not tried are not listed. Each category's finding has a row, also where two
// categories share one, as more and as less.
// Only a study that is ready is read: (:Study {llm_mri: true, id: $study, status: 'ready'}).

MATCH (:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(i:Intervention)-[:OF]->(s:Region)
WHERE i.towards IS NOT NULL AND ($layer IS NULL OR i.layer = $layer)
WITH s, i ORDER BY i.operation
WITH s, $study + '/' + i.towards AS reached, count(i) AS tried, min(i.q) AS least_q, collect(DISTINCT i.operation) AS operations
WHERE least_q IS NULL OR least_q > $most_q
MATCH (s)-[e:FLOWS_TO|AVOIDS]->(t:Region)
WHERE t.id = reached AND e.finding IS NOT NULL AND ($category IS NULL OR e.category = $category)
RETURN s.id AS source, t.id AS target, s.layer AS layer, e.category AS category, e.finding AS finding,
       e.effect AS effect, e.ci_low AS ci_low, e.ci_high AS ci_high, e.stability AS stability, tried, operations,
       least_q, s.keywords AS source_keywords, t.keywords AS target_keywords
ORDER BY round(coalesce(stability, -1.0) * 1e9) DESC, layer, source, target, category LIMIT $limit
