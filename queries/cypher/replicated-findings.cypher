// title: Findings tested on other documents
// group: across
// question: Which findings of another study were confirmed on this one's documents, and which were not?
// only: documents tests findings on other documents
// param: study     study        study of the new documents: what `mri confirm` made
// param: category  category?    findings of this category only
// param: layer     layer?       connections that leave this layer only
// param: limit     int = 1000   most rows to return
// returns: where       string    both regions of the connection, within their study
// returns: layer       layer     index of the layer it leaves
// returns: category    category  category that the finding is of
// returns: effect      float?    log odds ratio of the category against the others in the new documents
// returns: ci_low      float?    lower end of its 95 % confidence interval; null where it has none
// returns: ci_high     float?    upper end of it; null where it has none
// returns: p           float     one-sided p value, in the direction that was found
// returns: q           float     the same corrected by Holm's method for all tested findings
// returns: details     object    what was found, its effect then, and whether it replicates
//
// Stored by `mri confirm STUDY CORPUS` and `mri ingest … --holdout`. The surest come first; q <= 0.05 replicates.
// Only a study that is ready is read: (:Study {llm_mri: true, id: $study, status: 'ready'}).

MATCH (:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(m:Measure {kind: 'replication'})
WHERE m.other IS NOT NULL AND ($category IS NULL OR m.category = $category) AND ($layer IS NULL OR m.layer = $layer)
RETURN m.other AS where, m.layer AS layer, m.category AS category, m.value AS effect, m.ci_low AS ci_low,
       m.ci_high AS ci_high, m.p AS p, m.q AS q, m.details AS details
ORDER BY round(q * 1e12), layer, where, category LIMIT $limit
