// title: How good the atlas is
// group: study
// question: How tight and well parted are the regions of each layer, would another fit have them, and does the chain keep documents where they were?
// param: study  study        study to read
// param: limit  int = 1000   most rows to return
// returns: layer              layer   index, 0 is the embedding
// returns: name               string  name of the layer
// returns: refits             float?  agreement with the refits' regions, mean: adjusted Rand index, 1 the same, 0 as by chance
// returns: refits_low         float?  of the refit that agrees the least
// returns: refits_high        float?  of the one that agrees the most
// returns: unchained          float?  agreement with k-means started anew in this layer
// returns: inertia_over_best  float?  squared distances from the centres, over those of k-means started anew where these are less
// returns: silhouette         float?  mean silhouette width, -1 to 1: how much nearer a document is to its own region than to the next
// returns: straight           float?  agreement of the regions with those of the next layer
// returns: straight_unchained float?  the same of two k-means started anew, one in each of the two layers
//
// A chained layer starts from the regions of the layer before, and k-means rests where it first can. Where `straight`
// exceeds `straight_unchained` by far, that documents stay in their region is the chain's doing as much as the model's.
// The refits of `mri ingest` (--refits) store this; before, there are no rows.
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
