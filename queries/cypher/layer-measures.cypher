// title: Measures by layer
// group: study
// question: How much variance does each layer's reduced space explain, how well can the category be read, and how connected are its regions?
// param: study  study        study to read
// param: layer  layer?       this layer only
// param: limit  int = 1000   most rows to return
// returns: layer               layer   index, 0 is the embedding
// returns: name                string  name of the layer
// returns: width               int     width of the layer: values of an activation
// returns: regions             int     its regions
// returns: explained_variance  float?  share of the activations' variance that the reduced space explains
// returns: probe_full          float?  balanced accuracy of a probe on the full activations
// returns: probe_regions       float?  the same from the regions only
// returns: mean_degree         float?  mean degree of its regions: connections in and out
//
// Degrees are stored by `mri metrics STUDY`, probes by `mri probe STUDY`; before that, the columns are empty. The degree is
// of the graph of all categories together.
// Only a study that is ready is read: (:Study {llm_mri: true, id: $study, status: 'ready'}).

MATCH (study:Study {llm_mri: true, id: $study, status: 'ready'})<-[:PART_OF]-(l:Layer)
WHERE $layer IS NULL OR l.index = $layer
OPTIONAL MATCH (study)<-[:PART_OF]-(m:Measure {llm_mri: true, study: $study, kind: 'degree_by_layer', layer: l.index})
WHERE m.category IS NULL
RETURN l.index AS layer, l.name AS name, l.width AS width, l.regions AS regions,
       l.explained_variance AS explained_variance, l.probe_full AS probe_full, l.probe_regions AS probe_regions,
       m.value AS mean_degree
ORDER BY layer LIMIT $limit
