// title: Quality of the atlas
// group: study
// question: How compact and well separated are the regions of each layer, does another fit reproduce them, and how far does the chaining keep documents in their region?
// param: study  study        study to read
// param: limit  int = 1000   most rows to return
// returns: layer              layer   index, 0 is the embedding
// returns: name               string  name of the layer
// returns: refits             float?  mean agreement with the bootstrap refits' regions: adjusted Rand index, 1 the same, 0 as random regions agree
// returns: refits_low         float?  agreement of the refit that agrees least
// returns: refits_high        float?  agreement of the refit that agrees most
// returns: unchained          float?  agreement with an independent k-means of this layer
// returns: inertia_over_best  float?  inertia (squared distances from the centres) / that of an independent k-means where this is smaller
// returns: silhouette         float?  mean silhouette width, -1 to 1: how much nearer documents are to their own region than to the next nearest
// returns: straight           float?  agreement of the regions with those of the next layer (adjusted Rand index)
// returns: straight_unchained float?  the same between independent k-means of the two layers
//
// In a chained atlas the k-means of a layer starts from the regions of the layer before and stops at the first local
// optimum. Where `straight` is far above `straight_unchained`, documents stay in their region because of the chaining as
// much as because of the model. The refits of `mri ingest` (--refits) store these numbers; without them there are no rows.
// Only a study that is ready is read: (:Study {llm_mri: true, id: $study, status: 'ready'}).

MATCH (study:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(l:Layer),
      (study)<-[:PART_OF]-(f:Measure {llm_mri: true, study: $study, kind: 'atlas_quality', other: 'refits', layer: l.index})
OPTIONAL MATCH (study)<-[:PART_OF]-(u:Measure {llm_mri: true, study: $study, kind: 'atlas_quality', other: 'unchained', layer: l.index})
OPTIONAL MATCH (study)<-[:PART_OF]-(i:Measure {llm_mri: true, study: $study, kind: 'atlas_quality', other: 'inertia_over_best', layer: l.index})
OPTIONAL MATCH (study)<-[:PART_OF]-(s:Measure {llm_mri: true, study: $study, kind: 'atlas_quality', other: 'silhouette', layer: l.index})
OPTIONAL MATCH (study)<-[:PART_OF]-(t:Measure {llm_mri: true, study: $study, kind: 'atlas_quality', other: 'straightness', layer: l.index})
RETURN l.index AS layer, l.name AS name, f.value AS refits, f.ci_low AS refits_low, f.ci_high AS refits_high,
       u.value AS unchained, i.value AS inertia_over_best, s.value AS silhouette, t.value AS straight,
       toFloat(split(split(replace(t.details, '}', ','), '"unchained": ')[1], ',')[0]) AS straight_unchained
ORDER BY layer LIMIT $limit
