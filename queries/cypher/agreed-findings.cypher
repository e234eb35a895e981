// title: Findings that two categories share
// group: connections
// question: Which connections are findings (more than the others) of two categories, but not of a third, in most refits of the atlas?
// param: study            study        study to read
// param: category         category     one category
// param: versus           category     the other
// param: without          category?    a category without such a finding
// param: least_stability  float = 0.5  smallest share of bootstrap refits in which both are found again
// param: limit            int = 50     most rows to return
// returns: source            region  id of the region it leaves
// returns: target            region  id of the region it reaches, one layer later
// returns: layer             layer   index of the layer it leaves
// returns: stability         float   the smaller of the two categories' shares of refits
// returns: share             float?  share of the one category's documents that take it
// returns: versus_share      float?  share of the other's
// returns: q                 float   q value of the connection: p value adjusted for the number of tests
// returns: source_keywords   list    words of the region it leaves, most characteristic first
// returns: target_keywords   list    words of the region it reaches, most characteristic first
// view: graph
//
// A study without refits has no rows: `mri ingest … --refits 20` adds them.
// Only a study that is ready is read: (:Study {llm_mri: true, id: $study, status: 'ready'}).

MATCH (:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(:Layer)<-[:IN_LAYER]-(s:Region)
MATCH (s)-[a:FLOWS_TO {category: $category, finding: 'more'}]->(t:Region)
MATCH (s)-[b:FLOWS_TO {category: $versus, finding: 'more'}]->(t)
WHERE a.stability >= $least_stability AND b.stability >= $least_stability
OPTIONAL MATCH (s)-[c:FLOWS_TO {category: $without, finding: 'more'}]->(t)
WITH s, t, a, b, c
WHERE c IS NULL
RETURN s.id AS source, t.id AS target, s.layer AS layer,
       CASE WHEN a.stability < b.stability THEN a.stability ELSE b.stability END AS stability,
       a.share AS share, b.share AS versus_share, a.q AS q, s.keywords AS source_keywords, t.keywords AS target_keywords
ORDER BY round(stability * 1e9) DESC, round(q * 1e12), layer, source, target LIMIT $limit
