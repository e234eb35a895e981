// title: Findings found again
// group: study
// question: How many findings are found again when the atlas is refitted, and how many are of documents that stay in their region?
// param: study     study        study to read
// param: category  category?    findings about this category only
// param: often     float = 0.8  share of refits from which on a finding counts as often found again
// param: seldom    float = 0.5  share of refits below which a finding counts as seldom found again
// returns: findings  int   findings about connections, counted as the question findings lists them
// returns: stays     int?  findings between matched regions, of the same name: documents that stay
// returns: moves     int?  findings between regions of different names: documents that move
// returns: refitted  int   findings whose stability is known
// returns: often     int   findings that are found again often
// returns: seldom    int   findings that are found again seldom
//
// Only chained clusters have matched regions: in other atlases a name does not correspond to that of the layer before, and
// stays and moves are empty. A study without refits has refitted 0: `mri ingest … --refits 20` adds them. With two
// categories, what one takes more the other takes less: unless a category is given, such a pair counts once.
// Only a study that is ready is read: (:Study {llm_mri: true, id: $study, status: 'ready'}).

MATCH (study:Study {llm_mri: true, id: $study, status: 'ready'})
WHERE study.fdr IS NOT NULL
OPTIONAL MATCH (study)<-[:PART_OF]-(:Layer)<-[:IN_LAYER]-(s:Region)-[e:FLOWS_TO|AVOIDS]->(t:Region)
WHERE e.finding IS NOT NULL AND ($category IS NULL OR e.category = $category)
WITH study, s, t, e, study.categories = 2 AND $category IS NULL AND e.finding = 'less' AS paired
OPTIONAL MATCH (s)-[twin:FLOWS_TO {finding: 'more'}]->(t) WHERE paired
WITH study.atlas = 'clusters' AS chained, s, t, e, twin
WHERE twin IS NULL
WITH chained, count(e) AS findings, sum(CASE WHEN s.name = t.name THEN 1 ELSE 0 END) AS same,
     count(e.stability) AS refitted, sum(CASE WHEN e.stability >= $often THEN 1 ELSE 0 END) AS often,
     sum(CASE WHEN e.stability < $seldom THEN 1 ELSE 0 END) AS seldom
RETURN findings, CASE WHEN chained THEN same END AS stays, CASE WHEN chained THEN findings - same END AS moves,
       refitted, often, seldom
ORDER BY findings
