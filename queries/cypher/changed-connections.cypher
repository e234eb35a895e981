// title: What changed from another study
// group: across
// question: What did more documents gain than lose, or lose than gain, from the study that this one was compared with?
// only: documents compares studies of the same documents
// param: study  study                    study to read: the second of `mri compare BASE STUDY`
// param: what   string = "connections"   connections, regions, or moves from one region to another within a layer
// param: layer  layer?                   this layer only
// param: limit  int = 50                 most rows to return
// returns: where    string  connections or moves with both regions, or regions, within their study
// returns: layer    layer   index of the layer
// returns: effect   float?  log odds that a document that changed has gained it; null if all gained or all lost it
// returns: ci_low   float?  lower end of its confidence interval; null where it has none
// returns: ci_high  float?  upper end of it; null where it has none
// returns: p        float   p value of McNemar's exact test
// returns: q        float   p value adjusted for the number of tests
// returns: details  object  documents that gained and lost it, also by category; q that categories differ; the other study
//
// Stored by `mri compare BASE STUDY`, for two studies of the same documents in one atlas; the last comparison replaces those
// before. Rows are ordered by the end of the confidence interval nearer to 0.
// Only a study that is ready is read: (:Study {llm_mri: true, id: $study, status: 'ready'}).

MATCH (:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(m:Measure {kind: 'changed'})
WHERE m.other STARTS WITH $what + ' ' AND ($layer IS NULL OR m.layer = $layer)
WITH m, CASE WHEN m.ci_low > 0 THEN m.ci_low WHEN m.ci_high < 0 THEN -m.ci_high END AS nearer
RETURN m.other AS where, m.layer AS layer, m.value AS effect, m.ci_low AS ci_low, m.ci_high AS ci_high, m.p AS p,
       m.q AS q, m.details AS details
ORDER BY round(coalesce(nearer, -1e6) * 1e9) DESC, layer, where LIMIT $limit
