// title: Findings within types of tokens
// group: connections
// question: Which findings say more than which words a category has: which of them stand among tokens of the same type?
// only: tokens asks what exceeds types of tokens
// instead: findings
// param: study     study      study to read
// param: category  category?  findings about this category only
// param: layer     layer?     connections that leave this layer only
// param: which     string(all|stand|fall) = "all"  those that stand within types, or those that do not
// param: most_q    float = 0.05  a finding stands where its q value within types is at most this
// param: limit     int = 50   most rows to return
// returns: source           region    id of the region it leaves
// returns: target           region    id of the region it reaches, one layer later
// returns: layer            layer     index of the layer it leaves
// returns: category         category  whose finding it is
// returns: finding          string    more or less than the others; of a further category, than those that were not named before it
// returns: weight           int       tokens of the category that take it
// returns: documents        int       texts that these tokens are of
// returns: effect           float?    log odds ratio against the others together, without those of named_before
// returns: named_before     list      of a further category, those named before it on the connection
// returns: within           float?    log odds ratio within types of tokens, always against all other categories
// returns: q                float     q value of the connection: p value adjusted for the number of tests
// returns: within_q         float     q value within types
// returns: stands           bool      whether it is found within types, in the same direction
// returns: source_keywords  list      tokens over-represented in the region it leaves
// returns: target_keywords  list      tokens over-represented in the region it reaches
// view: graph
//
// Regions of tokens are mostly types of words, so a category that has certain words has their connections. Within types, a
// token is compared with others of the same type: what stands there exceeds the words. One that falls may be too rare to be
// shown among so few. Those that stand come first, the surest before others; a finding that was not tested so is not listed.
// Only a study that is ready is read: (:Study {llm_mri: true, id: $study, status: 'ready'}).

MATCH (:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(l:Layer)<-[:IN_LAYER]-(s:Region)-[e:FLOWS_TO|AVOIDS]->(t:Region)
WHERE e.finding IS NOT NULL AND e.within_q IS NOT NULL AND ($layer IS NULL OR l.index = $layer)
  AND ($category IS NULL OR e.category = $category)
WITH s, t, e, e.within_q <= $most_q
     AND CASE e.finding WHEN 'more' THEN coalesce(e.within, 0.0) > 0 ELSE coalesce(e.within, 0.0) < 0 END AS stands
WHERE $which = 'all' OR ($which = 'stand' AND stands) OR ($which = 'fall' AND NOT stands)
RETURN s.id AS source, t.id AS target, s.layer AS layer, e.category AS category, e.finding AS finding,
       e.weight AS weight, e.documents AS documents, e.effect AS effect, coalesce(e.named_before, []) AS named_before, e.within AS within, e.q AS q,
       e.within_q AS within_q, stands, s.keywords AS source_keywords, t.keywords AS target_keywords
ORDER BY CASE WHEN stands THEN 0 ELSE 1 END, round(within_q * 1e12), layer, source, target, category LIMIT $limit
