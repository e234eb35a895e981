// title: One label, the others held constant
// group: connections
// question: With several labels: which connections does a level of one label take more, or less, with the other labels held constant?
// param: study   study     study to read
// param: factor  string?   this label only
// param: layer   layer?    connections that leave this layer only
// param: limit   int = 50  most rows to return
// returns: level    string  level of the label
// returns: where    string  the label, and the regions that it leaves and reaches
// returns: layer    layer   index of the layer it leaves
// returns: effect   float?  common log odds ratio over the strata (Mantel–Haenszel)
// returns: ci_low   float?  lower end of its confidence interval
// returns: ci_high  float?  upper end of it
// returns: q        float?  q value of the connection: p value adjusted for the number of tests
//
// Stored where `mri ingest` was given several labels; a level takes the place of a category. Rows are ordered by the end of
// the confidence interval nearer to 0.
// Only a study that is ready is read: (:Study {llm_mri: true, id: $study, status: 'ready'}).

MATCH (:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(m:Measure {kind: 'factor'})
WHERE ($factor IS NULL OR m.other STARTS WITH $factor + ' ') AND ($layer IS NULL OR m.layer = $layer)
WITH m, CASE WHEN m.value > 0 THEN m.ci_low ELSE -m.ci_high END AS nearer
RETURN m.category AS level, m.other AS where, m.layer AS layer, m.value AS effect, m.ci_low AS ci_low,
       m.ci_high AS ci_high, m.q AS q
ORDER BY round(coalesce(nearer, -1e6) * 1e9) DESC, coalesce(layer, -1), where, level LIMIT $limit
